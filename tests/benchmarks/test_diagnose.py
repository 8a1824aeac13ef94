"""The benchmark of cells and moles counts what it says it counts, on small data in the upstreams' layouts."""

from pathlib import Path

import pytest
import torch

from benchmarks import diagnose
from training.data import crc_cells, ph2

pytestmark = pytest.mark.slow


def test_melanoma_is_told_by_its_own_score() -> None:
    label = torch.tensor([0, 1, 2, 2, 0, 1])
    right = torch.tensor([[2.0, 0, -3], [0, 2, -3], [0, 0, 3], [0, 0, 2], [1, 0, -1], [0, 1, -1]])
    assert diagnose.melanoma_auc(right, label) == 1 and diagnose.melanoma_auc(-right, label) == 0
    assert diagnose.melanoma(right, label).n == 6


def test_peers_see_what_the_recipes_see(small_root: Path) -> None:
    x_B3HW, _ = ph2.pictures()
    assert diagnose.features(x_B3HW[:3]).shape == (3, 512)
    train, valid, test = crc_cells.splits()
    best = diagnose.chosen_logistic(
        train, valid, diagnose.pixels(train[0]), diagnose.pixels(valid[0]), crc_cells.CLASSES
    )
    logit = diagnose.log_odds(best, diagnose.pixels(test[0]))
    found = diagnose.peer("x", logit, test[1], test[2], crc_cells.CLASSES)
    assert found["metrics"]["accuracy"] > 0.9 and found["interval"]["n"] == 4, "patients are drawn, not cells"


def test_the_last_batch_is_filled_up_and_cut() -> None:
    x = torch.randint(0, 255, (diagnose.BATCH + 5, 3, 4, 4), dtype=torch.uint8)
    sizes = []

    def run(part: torch.Tensor) -> torch.Tensor:
        sizes.append(len(part))
        return part.mean((2, 3))

    assert torch.allclose(diagnose.asked(run, x), x.float().div(255).mean((2, 3)))
    assert sizes == 2 * [diagnose.BATCH]


def test_strangers() -> None:
    from explanation.novelty import Familiar

    home = Familiar([], torch.zeros(1), torch.ones(1), torch.zeros(1, 1), 1.5)
    found = diagnose._told_apart("x", torch.tensor([0.5, 1.0, 2.0]), torch.tensor([1.0, 3.0, 4.0]), home)
    assert found["caught"] == pytest.approx(2 / 3) and found["mistaken"] == pytest.approx(1 / 3)
    # Of nine pairs: 1 against 0.5 won, against 1 a tie, against 2 lost; 3 and 4 win all three each.
    assert found["auc"] == pytest.approx(7.5 / 9)
    assert diagnose.photographs(27, n=12).shape == (12, 3, 27, 27)


def test_turns_are_taken() -> None:
    order: list[str] = []
    nets = {k: (lambda x, k=k: (order.append(k), x)[1]) for k in "ab"}
    times = diagnose.in_turns(nets, torch.zeros(1), rounds=4)
    assert order[:4] == ["a", "b", "a", "b"] and [len(v) for v in times.values()] == [4, 4]
