"""The benchmark of cells and moles counts what it says it counts, on small data in the upstreams' layouts."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks import _report
from benchmarks.diagnose import __main__, _rows, _strangers, films, folds, novelty, peers, quantization
from training.data import crc_cells, ph2

pytestmark = pytest.mark.slow


def test_melanoma_is_told_by_its_own_score() -> None:
    label = torch.tensor([0, 1, 2, 2, 0, 1])
    right = torch.tensor([[2.0, 0, -3], [0, 2, -3], [0, 0, 3], [0, 0, 2], [1, 0, -1], [0, 1, -1]])
    assert _rows.melanoma_auc(right, label) == 1 and _rows.melanoma_auc(-right, label) == 0
    assert _rows.melanoma(right, label).n == 6


def test_peers_see_what_the_recipes_see(small_root: Path) -> None:
    x_B3HW, _ = ph2.pictures()
    assert peers.features(x_B3HW[:3]).shape == (3, 512)
    train, valid, test = crc_cells.splits()
    best = peers.chosen_logistic(train, valid, peers.pixels(train[0]), peers.pixels(valid[0]), crc_cells.CLASSES)
    logit = peers.log_odds(best, peers.pixels(test[0]))
    found = _rows.peer("x", logit, test[1], test[2], crc_cells.CLASSES)
    assert found["metrics"]["accuracy"] > 0.9 and found["interval"]["n"] == 4, "patients are drawn, not cells"


def test_the_last_batch_is_filled_up_and_cut() -> None:
    x = torch.randint(0, 255, (quantization.BATCH + 5, 3, 4, 4), dtype=torch.uint8)
    sizes = []

    def run(part: torch.Tensor) -> torch.Tensor:
        sizes.append(len(part))
        return part.mean((2, 3))

    assert torch.allclose(quantization.asked(run, x), x.float().div(255).mean((2, 3)))
    assert sizes == 2 * [quantization.BATCH]


def test_films_are_measured_by_medmnists_evaluator() -> None:
    label = torch.tensor([0, 1, 1, 0, 1, 1])
    logit = torch.tensor([[2.0, 0], [0, 2], [0, 1], [0.5, 1], [0, 3], [1, 0.2]])  # the fourth and the last are wrong
    found = films.peer("x", logit, label)
    assert found["metrics"] == pytest.approx({"accuracy": 4 / 6, "auc": 7 / 8})  # one of eight pairs in the wrong order
    assert found["interval"]["n"] == 6 and found["interval"]["low"] <= 4 / 6 <= found["interval"]["high"]


def test_our_two_nets_stand_beside_one_another() -> None:
    names = [row["name"] for row in films.beside({"films": {"peers": [{"name": "trees"}]}}, "pneumonia_cnn")]
    assert names == ["trees", films.OURS["pneumonia_transfer"]]


def test_strangers() -> None:
    from explanation.novelty import KnnNovelty

    home = KnnNovelty([], torch.zeros(1), torch.ones(1), torch.zeros(1, 1), 1.5)
    found = novelty.told_apart("x", torch.tensor([0.5, 1.0, 2.0]), torch.tensor([1.0, 3.0, 4.0]), home)
    assert found["caught"] == pytest.approx(2 / 3) and found["mistaken"] == pytest.approx(1 / 3)
    # Of nine pairs: 1 against 0.5 won, against 1 a tie, against 2 lost; 3 and 4 win all three each.
    assert found["auc"] == pytest.approx(7.5 / 9)
    assert _strangers.photographs(27, n=12).shape == (12, 3, 27, 27)


def test_every_part_shows_what_was_kept_of_it() -> None:
    kept = json.loads((_report.RESULTS / "diagnose.json").read_text(encoding="utf-8"))
    for name, part in __main__.PARTS.items():
        columns, rule, *rows = part.table(kept).splitlines()
        assert rows and len({line.count("|") for line in (columns, rule, *rows)}) == 1, name
    assert __main__.table(kept) == kept["table"]
    assert set(kept["notes"]) >= {note for part in (peers, folds) for note in part.notes(kept)}
    assert {c["name"] for c in __main__.claims(kept)} == {c["name"] for c in kept["claims"]}
