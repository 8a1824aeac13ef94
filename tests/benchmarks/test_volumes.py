"""Glands' peers and probes on a few that ship: each peer is what its name says, and nothing of test is fitted."""

import re

import pytest
import torch
from torch import Tensor

from benchmarks.choices import adrenal
from benchmarks.volumes import measures, peers, probes
from training import Splits, find
from training.data import samples
from training.tasks import volumes

N = {"train": 60, "valid": 24, "test": 40}


@pytest.fixture(scope="module")
def splits() -> Splits:
    with samples():
        whole = find("adrenal_3d").data()
    return Splits(*(tuple(t[: N[name]] for t in arrays) for name, arrays in whole._asdict().items()))


@pytest.fixture(scope="module")
def measured(splits: Splits) -> dict[str, Tensor]:
    return peers.measured(splits)


def test_peers(splits: Splits, measured: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "CHOICES", {name: choices[:1] for name, choices in peers.CHOICES.items()})
    found = {peer.name: peer for peer in peers.fitted(splits, measured, rounds=1)}
    assert found.keys() == peers.CHOICES.keys()
    score = {name: peer.scores(splits.test[0], measured["test"]) for name, peer in found.items()}
    label_B = splits.test[1]
    nothing = measures.figures(score["always the most frequent class"], label_B)["metrics"]
    assert nothing == pytest.approx({"auc": 0.5, "accuracy": (label_B == 0).double().mean().item()})
    by_size = score["logistic regression on the volume"]
    assert torch.equal(by_size.argsort(), measured["test"][:, 0].argsort()) or torch.equal(
        by_size.argsort(), measured["test"][:, 0].argsort(descending=True)
    )
    assert all(p_B.min() >= 0 and p_B.max() <= 1 and len(p_B) == N["test"] for p_B in score.values())


def test_a_score_beats_itself_by_nothing() -> None:
    draw = torch.Generator().manual_seed(0)
    label_B = torch.randint(2, (60,), generator=draw)
    good_B, bad_B = label_B + torch.randn(60, generator=draw), torch.randn(60, generator=draw)
    gap, interval = measures.difference(good_B, good_B, label_B)
    assert gap == 0 and interval[:2] == (0, 0)
    gap, interval = measures.difference(good_B, bad_B, label_B)
    assert gap > 0.1 and interval.low <= gap <= interval.high
    assert measures.over_seeds([0.9, 0.92]) == "0.910 ± 0.014 (2)" and measures.over_seeds([0.9]) == "one seed"


def test_lies() -> None:
    """One that answers alike whatever the rotation has no spread; one that is right only as the gland lies has much."""
    label_B = torch.tensor([0, 1] * 20)
    steady_BR = (0.2 + 0.6 * label_B[:, None]).expand(-1, 24)
    rows = dict(probes.lies(steady_BR, label_B))
    assert rows["as the glands lie in the file"].startswith("1.000")
    assert rows["one gland's answers: highest less lowest probability, median"] == "0.00"
    fickle_BR = steady_BR.clone()
    fickle_BR[:, 1:] = 0.8 - 0.6 * label_B[:, None].float()
    rows = dict(probes.lies(fickle_BR, label_B))
    assert rows["turned, mean of the 23 other rotations"] == "0.000, least 0.000"
    assert rows["glands that some rotation calls hyperplasia and another normal"] == "100 %"


def test_one_size_leaves_size_nothing_to_say(splits: Splits, measured: dict[str, Tensor]) -> None:
    peer = peers.Peer(
        peers.SHAPE, 1.0, 0.0, peers.made(peers.SHAPE, 1.0).fit(measured["train"].numpy(), splits.train[1].numpy())
    )
    rows = probes.one_size(splits, measured, peer, {})
    assert [row[0] for row in rows] == [peers.SHAPE, f"{peers.SHAPE}, fitted on glands of one size"]
    p_B = peer.scores(splits.test[0], measured["test"])
    assert rows[0][1] == measures.said(*measures.area(p_B, splits.test[1]))


def test_folds_of_glands_hold_each_class_evenly(splits: Splits) -> None:
    label_B = splits.train[1]
    fold_B = adrenal.dealt(label_B)
    for c in (0, 1):
        each = fold_B[label_B == c].bincount(minlength=adrenal.FOLDS)
        assert each.max() - each.min() <= 1
    with samples():
        x_B1DHW, label_B, unit_B, weight_B = adrenal.everyone()
    assert len(x_B1DHW) == len(label_B) == len(weight_B) == 548 and unit_B.tolist() == list(range(548))


def test_a_candidate_is_told_apart_from_what_ships_by_the_same_glands() -> None:
    draw = torch.Generator().manual_seed(0)
    label_B, fold_B = torch.arange(400) % 2, torch.arange(400) % adrenal.FOLDS
    first_B = label_B + 2 * torch.randn(400, generator=draw)
    *_, same = adrenal.line("same", 2 * first_B, first_B, label_B, fold_B)
    assert same == "+0.000 (+0.000 to +0.000)"
    *_, better = adrenal.line("better", first_B + 4 * label_B, first_B, label_B, fold_B)
    gain, low, high = (float(found) for found in re.findall(r"[+-][\d.]+", better))
    assert 0 < low < gain < high
    assert adrenal.line("first", first_B, None, label_B, fold_B)[-1] == ""


def test_left_and_right_are_the_only_mirrors(splits: Splits) -> None:
    x_B1DHW = torch.zeros(200, 1, 8, 8, 8)
    x_B1DHW[:, 0, 1, 2, 3] = 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volumes, "SHIFT", 0)
        patch.setattr(adrenal, "pooled", lambda x: x)
        found = adrenal.left_right(x_B1DHW, torch.Generator().manual_seed(0))
    assert {tuple(one[0].nonzero()[0].tolist()) for one in found} == {(1, 2, 3), (6, 2, 3)}
