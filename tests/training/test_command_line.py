"""The command line, as people use it: trained, killed, resumed, stopped, asked again."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from models import _checkpoint
from models.mlp import MLP
from training import Recipe, Run, _pace, _table, recipes
from training import __main__ as command_line
from training._facts import LEARNING

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tiny(recipe: Recipe[MLP], checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe[MLP]:
    """A project in which `tiny` is the only recipe."""
    monkeypatch.setattr(recipes, "catalogue", lambda: {"tiny": recipe})
    monkeypatch.setattr(command_line, "catalogue", lambda: {"tiny": recipe})
    monkeypatch.setattr(_table, "catalogue", lambda: {"tiny": recipe})
    monkeypatch.setattr(command_line, "RUNS", tmp_path / "runs")
    return recipe


def run(*arguments: str) -> int:
    return command_line.main(list(arguments))


def test_fit_evaluate_list(tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    assert "not trained yet" in capsys.readouterr().out
    assert run("fit", "tiny", "--device", "cpu") == 0
    card = _checkpoint.card("tiny")
    said = capsys.readouterr().out
    assert f"accuracy {card.validation['accuracy']:.4f} on validation" in said and "on test" not in said
    assert run("evaluate", "tiny", "--json", "--device", "cpu") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["metrics"] == said["card"] == card.metrics
    assert said["n"] == 57
    assert run("evaluate", "tiny") == 0 and run("list") == 0
    assert f"{card.metrics['accuracy']:.4f}" in capsys.readouterr().out


def test_a_better_checkpoint_stays_unless_told_otherwise(tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str]) -> None:
    run("fit", "tiny")
    card = _checkpoint.card("tiny")
    _checkpoint.update_card("tiny", replace(card, validation={"accuracy": 1.5}))
    run("fit", "tiny", "--seed", "3")
    assert "was kept" in capsys.readouterr().out.replace("\n", " ")
    assert _checkpoint.card("tiny").budget["seed"] == 0
    run("fit", "tiny", "--seed", "3", "--replace")
    assert _checkpoint.card("tiny").budget["seed"] == 3


def test_learning_curves_outlive_evidence_that_is_written_again(
    tiny: Recipe[MLP], monkeypatch: pytest.MonkeyPatch
) -> None:
    curious = replace(tiny, curves=True)
    monkeypatch.setattr(recipes, "catalogue", lambda: {"tiny": curious})
    run("fit", "tiny", "--device", "cpu")
    before = _checkpoint.load(MLP, "tiny").evidence
    assert before.keys() == {"logits", *LEARNING}
    assert before["learning_valid"][:, 0].tolist() == [10, 20, 30, 40] and before["learning_loss"][-1, 0] == 40
    assert run("evidence", "tiny") == 0
    after = _checkpoint.load(MLP, "tiny").evidence
    assert after.keys() == before.keys() and all(torch.equal(after[key], before[key]) for key in LEARNING)


def test_evidence_is_written_again_and_nothing_else(
    tiny: Recipe[MLP], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("fit", "tiny", "--device", "cpu")
    folder = _checkpoint.CHECKPOINTS / "tiny"
    before, weights = _checkpoint.load(MLP, "tiny"), (folder / "model.safetensors").read_bytes()
    assert before.evidence.keys() == {"logits"}
    more = replace(tiny, evidence=lambda model, splits: {"n": torch.tensor([len(part[0]) for part in splits])})
    monkeypatch.setattr(recipes, "catalogue", lambda: {"tiny": more})
    assert run("evidence", "tiny") == 0
    after = _checkpoint.load(MLP, "tiny")
    assert after.evidence["n"].tolist() == [256, 40, 57]
    assert replace(after.card, evidence_sha256=before.card.evidence_sha256) == before.card
    assert (folder / "model.safetensors").read_bytes() == weights

    monkeypatch.setattr(recipes, "catalogue", lambda: {"tiny": tiny})
    _checkpoint.update_card("tiny", replace(after.card, metrics=after.card.metrics | {"accuracy": 0.1}))
    assert run("evidence", "tiny") == 1 and "0.10000 on its card: not written" in capsys.readouterr().err
    _checkpoint.update_card("tiny", replace(after.card, data=after.card.data | {"n_test": 58}))
    assert run("evidence", "tiny") == 1 and "tested on 58 items, and here are 57" in capsys.readouterr().err
    _checkpoint.update_card("tiny", after.card)
    (folder / "model.safetensors").write_bytes(weights[:-1] + b"x")
    assert run("evidence", "tiny") == 1 and "not the file that its card describes" in capsys.readouterr().err
    assert _checkpoint.Checkpoint(before.model, after.card, folder).evidence["n"].tolist() == [256, 40, 57]


def test_other_seeds_go_on_the_card_once(tiny: Recipe[MLP]) -> None:
    run("fit", "tiny")
    weights = _checkpoint.card("tiny").weights_sha256
    run("repeat", "tiny", "--seeds", "1", "2")
    run("repeat", "tiny", "--seeds", "2")
    card = _checkpoint.card("tiny")
    assert list(card.seeds) == ["0", "1", "2"] and card.weights_sha256 == weights
    again = Run(tiny, replace(tiny.budget, seed=1))
    for _ in again:
        pass
    assert card.seeds["1"] == tiny.evaluate(again.best_model(), again.splits.test) != card.seeds["0"] == card.metrics
    assert _table.over_seeds(card, "accuracy") is not None


def test_ctrl_c_keeps_the_best_weights(
    tiny: Recipe[MLP], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(Run):  # the visitor's Ctrl-C, in the middle of the third report
        def __iter__(self) -> Iterator:
            for i, progress in enumerate(super().__iter__()):
                if i == 2:
                    os.kill(os.getpid(), signal.SIGINT)
                yield progress

    monkeypatch.setattr(command_line, "Run", lambda *a, **k: Interrupted(*a, **k, report_seconds=0))
    assert run("fit", "tiny") == 0
    assert "best weights are kept" in capsys.readouterr().out
    assert _checkpoint.card("tiny").budget["stopped_at"] == 3
    assert (command_line.RUNS / "tiny.snapshot").exists()  # and it can still be resumed
    monkeypatch.setattr(command_line, "Run", Run)
    assert run("fit", "tiny", "--resume", "--replace") == 0
    assert _checkpoint.card("tiny").budget["stopped_at"] == 40
    assert not (command_line.RUNS / "tiny.snapshot").exists()


def test_so_many_steps_are_the_same_again_and_the_card_says_so(
    tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[Any] = []
    for _ in range(2):
        assert run("fit", "tiny", "--steps", "24", "--stop-at", "17", "--seed", "5", "--replace") == 0
        found.append(_checkpoint.card("tiny"))
    card, again = found
    assert (card.weights_sha256, card.evidence_sha256, card.metrics) == (
        again.weights_sha256, again.evidence_sha256, again.metrics,
    )  # fmt: skip
    assert (card.budget["steps"], card.budget["stopped_at"]) == (24, 17)
    assert card.repeated_by == "--seed 5 --steps 24 --stop-at 17"
    assert f"fit tiny --replace {card.repeated_by}" in capsys.readouterr().out


def test_a_time_becomes_steps_that_anybody_can_repeat(
    tiny: Recipe[MLP], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_pace, "by_steps", lambda _, budget, **__: replace(budget, steps=24, seconds=None))
    assert run("fit", "tiny", "--seconds", "7.5") == 0
    card = _checkpoint.card("tiny")
    assert "7.5 seconds here are about 24 steps" in capsys.readouterr().out
    assert card.repeated_by == "--seed 0 --steps 24"
    assert run("fit", "tiny", "--replace", *card.repeated_by.split()) == 0
    assert _checkpoint.card("tiny").weights_sha256 == card.weights_sha256


def test_what_the_clock_ended_does_not_claim_to_repeat(tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str]) -> None:
    by_clock = Run(tiny, replace(tiny.budget, seconds=600.0), report_seconds=0)
    next(iter(by_clock))
    by_clock.snapshot(command_line.RUNS / "tiny.snapshot")
    assert run("fit", "tiny", "--resume") == 0
    assert _checkpoint.card("tiny").repeated_by is None
    assert "which nobody can repeat" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value"),
    [(f"--{name}", value) for name in ("seconds", "snapshot-every") for value in ("0", "-5", "nan", "inf", "soon")]
    + [("--seed", value) for value in ("-1", "1" + 30 * "0", "1.5")]
    + [(f"--{name}", value) for name in ("steps", "stop-at") for value in ("0", "-3", "1e3", 5000 * "9")],
)
def test_a_number_that_cannot_be_meant_is_refused(
    tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    with pytest.raises(SystemExit):
        run("fit", "tiny", f"{option}={value}")
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"argument {option}: " in said and "number" in said and "and not “" in said


def test_other_seeds_are_seeds(tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("repeat", "tiny", "--seeds", "1", "-2")
    assert "a seed is a whole number from 0" in capsys.readouterr().err


def test_a_damaged_card_does_not_end_the_list(tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str]) -> None:
    run("fit", "tiny")
    (_checkpoint.CHECKPOINTS / "tiny" / "card.json").write_text("{}")
    assert run("list") == 0 and "the checkpoint is damaged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("fit", "tiyn"), "There is no recipe “tiyn”. There are: tiny"),
        (("evaluate", "tiny"), "python -m training fit tiny"),
        (("fit", "tiny", "--resume"), "start again without --resume"),
        (("fit", "tiny", "--resume", "--seed", "1"), "leave --seed and --stop-at out"),
        (("repeat", "tiny"), "python -m training fit tiny"),
    ],
)
def test_trouble_is_one_sentence(
    tiny: Recipe[MLP], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1 and "Traceback" not in error


def test_a_snapshot_that_does_not_fit_the_disk_costs_nothing_else(
    tiny: Recipe[MLP], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Run, path: Path) -> None:
        raise OSError(28, "the disk is full")

    monkeypatch.setattr(Run, "snapshot", full)
    assert run("fit", "tiny", "--snapshot-every", "1e-9") == 0
    assert "the training goes on" in capsys.readouterr().out
    assert _checkpoint.card("tiny").metrics


def test_tracking(tiny: Recipe[MLP], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from types import SimpleNamespace

    logged: list[dict] = []
    fake = SimpleNamespace(
        init=lambda **options: logged.append(options),
        log=lambda values, step: logged.append(values),
        finish=lambda: logged.append({"finished": True}),
    )
    monkeypatch.setitem(sys.modules, "trackio", fake)  # type: ignore[arg-type]
    assert run("fit", "tiny", "--track") == 0
    assert logged[0]["project"] == "wavelens" and logged[-1] == {"finished": True}
    assert any("valid/accuracy" in values for values in logged)
    monkeypatch.setitem(sys.modules, "trackio", None)  # type: ignore[arg-type]
    assert run("fit", "tiny", "--track") == 1
    assert "pip install trackio" in capsys.readouterr().err


def test_the_tables_are_printed_and_written(
    tiny: Recipe[MLP], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_table, "README", tmp_path / "README.md")
    monkeypatch.setattr(_table, "PAGE", tmp_path / "RESULTS.md")
    _table.README.write_text(f"{_table.BEGIN}\n{_table.END}\n", encoding="utf-8")
    assert run("table") == 0
    assert "| `tiny` | Blobs | not trained yet |" in capsys.readouterr().out
    assert run("table", "--write") == 0
    assert "`?tab=digits`" in _table.README.read_text(encoding="utf-8")
    assert _table.PAGE.read_text(encoding="utf-8").startswith("# Results")
