"""The benchmark of the latent space measures what it says, on closed forms, and holds every net to the same bound."""

import copy
import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from benchmarks import _report
from benchmarks.digits import smaller
from benchmarks.latent import __main__ as latent
from benchmarks.latent import measures, peers
from metrics.intervals import wilson
from models import CheckpointMissing, _checkpoint
from models.vae import SIDE, VAE
from signals.image import to_unit
from tests.cards import blank
from training import Splits, _table
from training.data import fashion_mnist, samples
from training.tasks import latent as task

PIXELS = SIDE**2


@pytest.fixture(scope="module")
def clothes() -> Splits:
    """45 + 4 + 10 pictures."""
    with samples():
        return smaller(fashion_mnist.splits())


def flat(*levels: int) -> Tensor:
    """A picture of one 8-bit grey for each of the levels."""
    return torch.tensor(levels, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, SIDE, SIDE)


def random_net(*, is_variational: bool = True) -> VAE:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VAE(width=2, hidden=(8,), is_variational=is_variational).eval()


def test_the_average_picture_by_closed_form() -> None:
    half = peers.average_cost(flat(0, 255), flat(0, 51, 255))
    assert half.tolist() == pytest.approx(3 * [PIXELS * math.log(2)])
    nearly_white = 3.5 / 4  # three white pictures, and half a white and half a black one
    white, black = peers.average_cost(flat(255, 255, 255), flat(255, 0)).tolist()
    assert white == pytest.approx(-PIXELS * math.log(nearly_white))
    assert black == pytest.approx(-PIXELS * math.log(1 - nearly_white))


def test_the_entropy_by_closed_form() -> None:
    grey = -PIXELS * (0.2 * math.log(0.2) + 0.8 * math.log(0.8))
    assert measures.entropy(flat(0, 51, 255)).tolist() == pytest.approx([0, grey, 0])


def test_no_reconstruction_costs_less_than_the_entropy(clothes: Splits) -> None:
    test_B1HW = clothes.test[0]
    least_B = measures.entropy(test_B1HW)
    plane = peers.chosen_plane(clothes.train[0], clothes.valid[0])
    costs = [peers.average_cost(clothes.train[0], test_B1HW)]
    for net in (plane, random_net(), random_net(is_variational=False)):
        costs += [
            measures.at_code(net, test_B1HW),
            task.importance_weighted(measures.any_net(net), test_B1HW, samples=20),
        ]
    assert all((cost_B > least_B + 1).all() for cost_B in costs)


def test_a_plane_of_pictures_is_found_again() -> None:
    draw = torch.Generator().manual_seed(0)
    axis_2X = torch.zeros(2, PIXELS)
    axis_2X[0, :300], axis_2X[1, 300:] = 1, 1
    light_BX = 0.5 + torch.rand(50, 2, generator=draw) * torch.tensor([0.4, 0.2]) @ axis_2X
    x_B1HW = (255 * light_BX).round().byte().view(-1, 1, SIDE, SIDE)
    plane = peers.PrincipalPlane(x_B1HW, clip=0.001, width=0.3)
    code_BZ, log_variance_BZ = plane.encode(to_unit(x_B1HW))
    assert torch.allclose(code_BZ.mean(0), torch.zeros(2), atol=1e-4)
    assert torch.allclose(code_BZ.T.cov(), torch.eye(2), atol=1e-3), "so that the standard normal is its prior"
    assert torch.allclose((0.5 * log_variance_BZ).exp(), torch.full((50, 2), 0.3))
    assert torch.allclose(plane.decode(code_BZ).sigmoid(), to_unit(x_B1HW), atol=1e-4)
    far = plane.decode(torch.tensor([[100.0, 100.0], [-100.0, -100.0]])).sigmoid()
    assert far.min() == pytest.approx(0.001, rel=1e-3) and far.max() == pytest.approx(0.999, rel=1e-3)


def test_validation_chooses_clip_and_width(clothes: Splits) -> None:
    plane = peers.chosen_plane(clothes.train[0], clothes.valid[0])
    clip, width = plane.clip, plane.width
    best = measures.at_code(plane, clothes.valid[0]).mean()
    for plane.clip in peers.CLIPS:
        assert measures.at_code(plane, clothes.valid[0]).mean() >= best
    plane.clip, bounds = clip, {}
    for plane.width in peers.WIDTHS:
        bounds[plane.width] = (
            torch.stack([*task.bound(measures.any_net(plane), clothes.valid[0], draws=2)]).sum(0).mean()
        )
    assert min(bounds, key=bounds.__getitem__) == width


def test_five_neighbours_vote_for_the_class() -> None:
    code_BZ = torch.cat([torch.zeros(6, 2), torch.ones(6, 2)]) + torch.linspace(0.01, 0.1, 12)[:, None]
    train = torch.cat([code_BZ, torch.zeros(1, 2)]), torch.cat([torch.arange(12) // 6, torch.tensor([1])])
    asked = torch.tensor([[0.0, 0.0], [1.0, 1.0], [1.0, 1.1], [0.1, 0.0]])  # the first stands on a stray of class 1
    found = measures.nearest(train, (asked, torch.tensor([0, 1, 1, 1])))
    assert found == {"knn5_accuracy": (0.75, wilson(0.75, 4))}


def test_refined_codes_tell_their_own_pictures_better(clothes: Splits) -> None:
    net, x_B1HW = random_net(), to_unit(clothes.test[0])
    with torch.no_grad():
        for parameter in net.decoder.parameters():
            parameter.mul_(3)  # a decoder that listens to its code
    before = copy.deepcopy(net.state_dict())
    refined = peers.Refined(net, clothes.test[0][:9])
    at_once, thought_over = (task.bound(measures.any_net(one), clothes.test[0]) for one in (net, refined))
    gain_B = (at_once.reconstruction_B + at_once.kl_B) - (thought_over.reconstruction_B + thought_over.kl_B)
    assert (gain_B[:9] > 0.1).all()
    for mine_BZ, theirs_BZ in zip(refined.encode(x_B1HW), net.encode(x_B1HW), strict=True):
        assert torch.equal(mine_BZ[9], theirs_BZ[9]), "a picture that was not refined is encoded as ever"
        assert (mine_BZ[:9] != theirs_BZ[:9]).any(1).all()
    assert all(torch.equal(part, before[key]) for key, part in net.state_dict().items()), (
        "the net itself learns nothing"
    )
    assert all(parameter.grad is None for parameter in net.parameters())


@torch.no_grad()
def test_a_net_that_ignores_its_code_pays_nothing_for_it(clothes: Splits) -> None:
    net = random_net()
    for parameter in (*net.head.parameters(), *net.decoder[0].parameters()):
        parameter.zero_()
    metrics = latent.row("collapsed", "ours", measures.measured(net, clothes))["metrics"]
    assert metrics["kl_nats"] == metrics["active_units"] == 0
    assert metrics["gap_nats"] == pytest.approx(0, abs=1e-3), "its posterior is the prior"
    for key in ("neg_elbo_nats", "reconstruction_nats", "iwae_nats"):
        assert metrics[key] == pytest.approx(metrics["at_code_nats"], abs=1e-3)


def test_a_net_is_measured_whole(clothes: Splits) -> None:
    of = latent.row("random", "ours", measures.measured(random_net(), clothes))
    assert set(of["metrics"]) == set(latent.COLUMNS)
    assert set(of["intervals"]) == set(latent.COLUMNS) - {"active_units"}
    metrics = of["metrics"]
    for key, span in of["intervals"].items():
        assert span["n"] == 10 and span["low"] <= metrics[key] <= span["high"]
    assert metrics["neg_elbo_nats"] == pytest.approx(metrics["reconstruction_nats"] + metrics["kl_nats"])
    assert metrics["gap_nats"] == pytest.approx(metrics["neg_elbo_nats"] - metrics["iwae_nats"], abs=1e-3)
    assert metrics["gap_nats"] > 0
    autoencoder = latent.row("plain", "peer", measures.measured(random_net(is_variational=False), clothes))
    assert set(autoencoder["metrics"]) == {"at_code_nats", "knn5_accuracy"}, "it has no bound"
    assert latent.cells(autoencoder)[1:6] == 5 * [""]


@pytest.fixture
def folder(clothes: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results are kept, with a few clothes as the data."""
    monkeypatch.setattr(latent, "recipe", replace(latent.recipe, data=lambda: clothes))
    monkeypatch.setattr(_report, "RESULTS", tmp_path / "results")
    return tmp_path / "results"


def test_the_whole_benchmark(folder: Path, checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in latent.NETS:
        net = random_net(is_variational=name.startswith("vae"))
        _checkpoint.save(name, net, blank(name, net))
    monkeypatch.setattr(sys, "argv", ["latent"])
    latent.main()
    facts = json.loads((folder / "latent.json").read_text())
    assert len(facts["rows"]) == len(facts["table"]["rows"]) == len(latent.NETS) + 5 and len(facts["claims"]) == 4
    assert "n = 10 " in facts["table"]["caption"] and len(facts["notes"]) == 3
    vae = next(of for of in facts["rows"] if of["name"].startswith("`vae`"))
    assert [c["value"] for c in facts["claims"]] == [
        vae["metrics"][key] for key in ("neg_elbo_nats", "iwae_nats", "kl_nats", "knn5_accuracy")
    ]
    monkeypatch.setattr(_table, "RESULTS", folder)
    beside = {of["name"]: of for of in _table.peers("vae")}
    assert len(beside) == 3 and beside[latent.ORACLE]["role"] == "oracle" and latent.recipe.headline.floor in beside
    assert all(set(of["metrics"]) == {"neg_elbo_nats"} and of["interval"]["n"] == 10 for of in beside.values())
    best = _table.best_peer(latent.recipe)
    assert best and best["name"].startswith("PCA-2"), "it costs less than the average, and the oracle does not count"


def test_a_quick_look_takes_what_is_there_and_keeps_nothing(
    folder: Path, checkpoints: Path, monkeypatch, capsys
) -> None:
    with pytest.raises(CheckpointMissing, match="vae_beta_0"):
        next(latent.nets(latent.recipe.data(), some=False))
    monkeypatch.setattr(latent, "smaller", lambda splits: splits)
    monkeypatch.setattr(sys, "argv", ["latent", "--quick"])
    latent.main()
    out = capsys.readouterr().out
    assert all(f"fit {name}" in out for name in latent.NETS) and latent.ORACLE in out
    assert not folder.exists()
