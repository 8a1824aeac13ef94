"""Groceries' peers are what their names say, choices are validation's, and intervals draw products."""

from pathlib import Path

import pytest
import torch

from benchmarks.transfer import __main__ as bench
from benchmarks.transfer import curve, light, peers
from demos.transfer import lessons
from models import published
from models.transfer import TransferNet
from signals.colours import BINS
from tests.training.tasks.test_transfer import splits
from training import Splits


def parts() -> Splits:
    return Splits(*(arrays[:3] for arrays in splits()))


def test_peers_see_what_they_are_called_by() -> None:
    x_B3HW = torch.zeros(2, 3, 20, 20, dtype=torch.uint8)
    x_B3HW[1, 0, :10] = 255
    seen = peers.colours(x_B3HW)
    assert seen.shape == (2, BINS**3) and (seen**2).sum(1) == pytest.approx([1, 1])
    assert seen[0, 0] == 1 and seen[1, (BINS - 1) * BINS**2] == pytest.approx(0.5**0.5)
    assert peers.colours(x_B3HW.flip(2)) == pytest.approx(seen), "where a colour stands is not told"
    assert peers.edges(x_B3HW)[0].sum() == 0 < peers.edges(x_B3HW)[1].sum()
    assert peers.pixels(x_B3HW).shape == (2, 3 * peers.KNN_SIDE**2)


def test_peers_are_fitted_on_train_and_chosen_on_validation() -> None:
    found = {peer.name: peer for peer in peers.fitted(parts())}
    assert found.keys() == peers.PEERS.keys()
    right = {name: bench.figures(peer.predicted_B, parts().test)["metrics"]["accuracy"] for name, peer in found.items()}
    assert right[bench.COLOUR] > 0.8 > 0.2 > right["always the most frequent class"]
    assert all(peer.choice in peers.PEERS[name][2] and 0 <= peer.validation <= 1 for name, peer in found.items())


def test_intervals_draw_products() -> None:
    label_B = torch.arange(36) % 9
    predicted_B = torch.where(torch.arange(36) % 3 > 0, label_B, (label_B + 1) % 9)
    once = bench.figures(predicted_B, (label_B, label_B, torch.arange(36)))
    copies = bench.figures(predicted_B.repeat(5), (label_B, label_B.repeat(5), torch.arange(36).repeat(5)))
    assert once["metrics"] == pytest.approx(copies["metrics"]) and once["intervals"] == copies["intervals"]
    assert once["metrics"]["accuracy"] == pytest.approx(24 / 36) and once["intervals"]["accuracy"].n == 36


def test_the_mean_is_chosen_on_validation_and_never_of_the_net_from_scratch() -> None:
    label_B = torch.tensor([0, 1, 2, 0])
    sure = torch.nn.functional.one_hot(label_B, 3).double()
    good, bad = 0.5 * sure + 0.5 / 3, 1 / 3 + 0.1 * sure.roll(1, 1)
    answers = {
        "a": {"valid_p": good, "test_p": bad}, "b": {"valid_p": 0.9 * good + 0.1 / 3, "test_p": bad},
        "c": {"valid_p": 0.8 * sure.roll(1, 1), "test_p": good}, bench.SCRATCH: {"valid_p": sure, "test_p": sure},
    }  # fmt: skip
    assert bench.best_mean(answers, label_B) == ("a", "b")
    assert torch.allclose(bench.mean(answers, ("a", "c"), "test_p"), (good + bad) / 2)
    assert bench.best_mean({"a": answers["a"]}, label_B) == (), "one net has no mean"


def test_every_backbone_is_told_of() -> None:
    rows = bench.costs()
    assert len(rows) == len(published.BACKBONES) and sum(row[1] == "ships" for row in rows) == len(published.SHIPPED)
    assert all("research" in row[-1] for row in rows)


def test_claims() -> None:
    right = {"MobileNet v2, tuned": 0.96, bench.COLOUR: 0.7, "HOG + SVM": 0.99}
    best, gap = bench.claims(right)
    assert best["met"] and best["value"] == 0.96 and gap["value"] == pytest.approx(0.26)


def test_a_curve_of_all_three_kinds(small_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = curve.rows(counts=(2, 4), draws=1, steps=3)
    kinds = ("from scratch", "linear head", "tuned last stage")
    assert [(r["name"], r["count"]) for r in found] == [(kind, count) for count in (2, 4) for kind in kinds]
    assert all(len(r["accuracy"]) == 1 and 0 <= r["accuracy"][0] <= 1 for r in found)
    assert found[4]["accuracy"][0] > 0.5, "a class can be told by its colour"


def test_few_pictures_are_few_in_training_alone() -> None:
    small = curve.few(parts(), 2, draw=0)
    assert small.train[1].bincount().tolist() == 9 * [2] and len(small.test[1]) == 36


def test_what_the_frozen_blocks_hand_on_is_what_the_net_sees() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = TransferNet(name="mobilenet_v2", classes=9, frozen=17).eval()
    x = splits().test[0][:3]
    seen = curve.views(net, x)
    assert seen.shape[:2] == (4, 3)
    with torch.no_grad():
        logit_BC = net.head(net.trunk[17:](seen[1]).mean((2, 3)))
        assert torch.allclose(logit_BC, net(x.flip(3).float() / 255), atol=0.1)


def test_light_and_ground_change_what_the_sliders_change(monkeypatch: pytest.MonkeyPatch) -> None:
    x_B3HW, label_B = torch.full((4, 3, 200, 200), 100, dtype=torch.uint8), torch.tensor([0, 0, 1, 1])
    x_B3HW[:2, 0] = 200  # red ones are of class 0

    def by_red(x: torch.Tensor) -> torch.Tensor:
        red_B = x[:, 0].float().mean((1, 2))
        return torch.stack([red_B - 150, 150 - red_B], 1)

    monkeypatch.setattr(light.lessons, "asked", lambda own: {"red": by_red})
    found = light.falls(x_B3HW, label_B)
    assert found["tints"]["red"][lessons.TINTS.index(0)] == 1 and found["tints"]["red"][-1] == 0.5
    assert found["kept"]["red"][0] == 1 and found["kept"]["red"][-1] == 0.5
    told = light.rows(found)
    assert len(told) == len(lessons.TINTS) + len(lessons.KEPT) and told[-1] == ["10 % on grey", "0.500"]
