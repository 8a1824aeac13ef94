"""The benchmarks run, count what they say they count, and keep what they found where RESULTS.md is made from."""

import itertools
import json
import sys
from pathlib import Path

import pytest
import torch
from gradio_client.exceptions import AppError

from benchmarks import _report, digits, latency, loop, memory, startup
from benchmarks._server import serving
from metrics.intervals import wilson
from models.mlp import MLP
from training import Recipe, Splits, _steps, _table
from training.tasks import digits as digits_task

pytestmark = pytest.mark.slow


def test_a_row_is_the_median_and_the_deviation_of_its_values() -> None:
    row = _report.row("a", [1.0, 2.0, 3.0, 4.0, 100.0], unit="s")
    assert (row["n"], row["median"], row["p95"]) == (5, 3.0, 100.0)
    assert row["deviation"] == pytest.approx(43.62, abs=0.01)
    assert _report.row("b", [2.0], unit="s")["deviation"] == 0
    assert _report.p95([float(i) for i in range(1, 101)]) == 95


def test_a_claim_knows_its_direction() -> None:
    assert _report.claim("a", 1.5, "≥", 1.5)["met"] and not _report.claim("a", 1.6, "≤", 1.5)["met"]


def test_a_report_is_printed_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(_report, "RESULTS", tmp_path / "results")
    claims = [_report.claim("ratio", 1.0, "≥", 1.5)]
    _report.report("x", _report.machine(), [_report.row("a", [1.0], unit="s")], claims=claims, notes=["n"])
    kept = json.loads((tmp_path / "results" / "x.json").read_text())
    assert kept["rows"][0]["median"] == 1.0 and kept["device"] and "load" in kept
    assert "MISSED ratio: 1 (target ≥ 1.5)" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["float32", "no update"])
def test_loops_are_compared_round_by_round(recipe: Recipe[MLP], what: str) -> None:
    before = _steps.bfloat16_is_fast
    measured = loop.measure(recipe, what, rounds=2, seconds=0.05, warm_up=0.0, workers=0)
    rows = loop.compare(what, measured, workers=0)
    assert [row["n"] for row in rows] == 6 * [2] and all(row["median"] > 0 for row in rows)
    assert rows[-1]["median"] <= min(rows[3]["median"], rows[4]["median"])
    assert _steps.bfloat16_is_fast is before


def test_a_speed_is_updates_over_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 0.5)
    monkeypatch.setattr(loop.time, "perf_counter", lambda: next(clock))
    assert loop.updates_per_second(itertools.count(), seconds=10.0, warm_up=1.0) == pytest.approx(2.0, rel=0.1)


def test_both_loops_do_the_same_update(recipe: Recipe[MLP]) -> None:
    x_B, label_B = (t[:8] for t in recipe.data().train)
    losses = []
    for step, batch in ((digits_task.step, (x_B, label_B)), (loop.ready_made, (x_B.float() / 255, label_B))):
        torch.manual_seed(0)
        model = recipe.model()
        optimizers = recipe.optimizers(model, recipe.budget)
        losses += [step(model, batch, optimizers, torch.Generator())["cross_entropy"].item() for _ in range(2)][-1:]
    assert losses[0] == losses[1]


def test_a_server_is_waited_for_and_stopped() -> None:
    program = (
        "import os, http.server as s; port = int(os.environ['GRADIO_SERVER_PORT']);"
        "s.test(s.SimpleHTTPRequestHandler, s.ThreadingHTTPServer, port=port, bind='127.0.0.1')"
    )
    assert startup.first_page("-c", program) > 0
    with serving("-c", program) as server:
        assert memory.resident(server.pid, pause=0.01) > 1
    assert startup.imports("pass") > 0


def test_a_server_that_dies_is_not_waited_for() -> None:
    with pytest.raises(RuntimeError, match="answered no page"), serving("-c", "raise SystemExit(1)"):
        pass


def test_the_peers_memory_is_read() -> None:
    assert 1 < memory.imports("pass") < 200


def test_only_an_answer_of_ones_own_or_a_sentence_counts() -> None:
    assert latency.kind(("", "mine", []), "mine") == "answer"
    assert latency.kind(("", "another's", []), "mine") == "neither"
    assert latency.kind(AppError("Please try again."), "mine") == "sentence"
    assert latency.kind(AppError("None"), "mine") == latency.kind(TimeoutError("late."), "mine") == "neither"


def test_calls_start_together_and_are_timed_one_by_one() -> None:
    assert sorted(latency.together([lambda i=i: i for i in range(4)])) == [0, 1, 2, 3]
    assert len(latency.milliseconds(lambda: None, 3)) == 3


@pytest.fixture
def strokes() -> Splits:
    """Ten kinds of 28 × 28 pictures that anything can tell apart."""
    label_B = torch.arange(400) % 10
    x_B1HW = torch.randint(0, 60, (400, 1, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    for digit in range(10):
        x_B1HW[label_B == digit, :, 2 * digit : 2 * digit + 4] += 180
    return Splits(*((x_B1HW[part], label_B[part]) for part in (slice(300), slice(300, 350), slice(350, 400))))


def test_every_peer_is_scored_as_the_table_reads_it(strokes: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "SVM_C", (3.0,))
    monkeypatch.setattr(digits, "SVM_GAMMA", (0.02,))
    models = itertools.chain(digits.classical(strokes), digits.plain_net(strokes, epochs=2))
    peers = [digits.scored(model, strokes.test, seconds=1.0) for model in models]
    assert len(peers) == 6
    assert peers[0]["metrics"]["accuracy"] == pytest.approx(0.1)
    assert all(peer["metrics"]["accuracy"] > 0.9 for peer in peers[1:5])
    assert peers[1]["interval"] == wilson(peers[1]["metrics"]["accuracy"], 50)._asdict()
    assert all(peer["name"] in digits.line(peer) for peer in peers)


def test_other_handwriting_is_in_the_form_of_mnist() -> None:
    x_B1HW, label_B = digits.other_handwriting()
    assert x_B1HW.shape == (1797, 1, 28, 28) and x_B1HW.dtype == torch.uint8
    assert label_B.bincount().min() > 150 and x_B1HW.amax((1, 2, 3)).min() == 255


def test_the_table_finds_the_peers() -> None:
    assert all({"name", "metrics", "parameters", "seconds"} <= peer.keys() for peer in _table.peers("mnist_mlp"))


def test_results_are_not_touched_by_a_quick_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(sys, "argv", ["startup", "--quick"])
    monkeypatch.setattr(startup, "first_page", lambda *command: 2.0)
    monkeypatch.setattr(startup, "imports", lambda statement: 1.0)
    startup.main()
    assert not (tmp_path / "results").exists()
