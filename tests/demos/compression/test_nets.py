"""Compression's nets: every method and budget, what is remembered of which weights, scores with and without data."""

import copy
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from compression.lowrank import Factorisation
from demos._ui.nets import Net
from demos.compression import nets
from demos.compression.nets import DENSE, DISTILLATION, DISTILLED, PICTURE, PLAIN, WHITENED, Choice, compress
from models import CheckpointMissing, _checkpoint
from training import DataMissing, Run
from training.data import mnist
from training.recipes import mnist_mlp_rank20


def choose(percent: float, method: str, precision: str = "float32", name: str = "mnist_mlp") -> Choice:
    return Choice.of(name, percent, method, precision)


def test_plain_fills_its_budget_without_data(no_data: Path) -> None:
    choice = choose(10.0, PLAIN)
    assert 0.095 < compress(choice).bytes / nets.float32_bytes(choice.net) <= 0.1


def test_whitening_needs_training_pictures(no_data: Path) -> None:
    with pytest.raises(DataMissing):
        compress(choose(5.0, WHITENED))


def test_the_stored_curve_says_what_the_card_says_of_a_distilled_net(no_data: Path) -> None:
    choice = choose(5.0, DISTILLATION)
    point, score = compress(choice), nets.score(choice)
    assert point.checkpoint and score is not None and score.n is None
    assert score.accuracy == pytest.approx(_checkpoint.card(point.checkpoint).metrics["accuracy"], abs=2e-4)


def test_between_two_stored_points_the_accuracy_is_between_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"method": "plain, global budget", "precision": "float32", "bytes": size, "accuracy": right}
        for size, right in ((100, 0.5), (300, 0.9))
    ]
    monkeypatch.setattr(nets, "benchmark", lambda name: rows)
    choice = choose(5.0, PLAIN)
    assert nets.interpolated_accuracy(choice, 150) == (pytest.approx(0.6), None)
    assert nets.interpolated_accuracy(choice, 99) is None and nets.interpolated_accuracy(choice, 301) is None


@pytest.mark.data
@pytest.mark.slow
def test_whitened_beats_plain_at_the_same_bytes(real_mnist: None) -> None:
    plain, whitened = (nets.measure(choose(5.0, method)) for method in (PLAIN, WHITENED))
    assert whitened.accuracy > 0.97 > plain.accuracy


@pytest.mark.data
def test_calibration_pictures_are_training_pictures(real_mnist: None) -> None:
    """The benchmark's and the tab's whitened nets are the same net."""
    net = Net.pretrained(DENSE["mnist_mlp"])
    theirs = Factorisation(net.model, mnist_mlp_rank20.calibration(mnist.splits().train)).spectra
    ours = nets.factorisation(net, WHITENED).spectra
    assert torch.equal(theirs["blocks.1.linear"].energies, ours["blocks.1.linear"].energies)


def test_distilled_takes_the_largest_that_fits(no_data: Path) -> None:
    small, large = (compress(choose(percent, DISTILLATION)) for percent in (1.1, 5.0))
    assert small.bytes < large.bytes <= choose(5.0, DISTILLATION).most_bytes
    assert small.net.int8  # only the one that was stored as int8 is that small
    assert {small.checkpoint, large.checkpoint} <= set(DISTILLED)


def test_int8_is_smaller(no_data: Path) -> None:
    choice = choose(100.0, PLAIN, "int8")
    whole = compress(choice)
    assert whole.net.int8 and whole.bytes < 0.27 * nets.float32_bytes(choice.net)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's checkpoints in their place, to be written to."""
    shutil.copytree(_checkpoint.CHECKPOINTS, tmp_path / "copy")
    monkeypatch.setattr(_checkpoint, "CHECKPOINTS", tmp_path / "copy")
    return tmp_path / "copy"


def changed(net: Net[Any], bias: str) -> None:
    """Other weights for a net's checkpoint."""
    other = copy.deepcopy(net.model)
    with torch.no_grad():
        other.get_parameter(bias).add_(1)
    _checkpoint.save(net.recipe.name, other, _checkpoint.card(net.recipe.name))


def test_new_weights_are_noticed_by_everything_that_is_remembered(no_data: Path, copied: Path) -> None:
    old = choose(5.0, PLAIN)
    before, values = compress(old), nets.singular_values(old.net, "blocks.1.linear")
    other = copy.deepcopy(old.net.model)
    with torch.no_grad():
        other.get_parameter("head.bias").add_(1)
        other.get_parameter("blocks.1.linear.weight").mul_(2)
    _checkpoint.save("mnist_mlp", other, _checkpoint.card("mnist_mlp"))
    new = choose(5.0, PLAIN)
    assert new != old and not torch.equal(compress(new).net(PICTURE), before.net(PICTURE))
    assert torch.allclose(nets.singular_values(new.net, "blocks.1.linear"), 2 * values, rtol=1e-3)
    assert compress(old) is before, "the old choice still stands for the old weights"


def test_a_distilled_net_that_was_made_again_is_noticed(no_data: Path, copied: Path) -> None:
    old = choose(5.0, DISTILLATION)
    before = compress(old)
    net = next(net for net in old.distilled if net.recipe.name == before.checkpoint)
    changed(net, next(name for name, p in net.model.named_parameters() if p.ndim == 1))
    new = choose(5.0, DISTILLATION)
    assert new != old and compress(new).checkpoint == before.checkpoint
    assert not torch.equal(compress(new).net(PICTURE), before.net(PICTURE))


def test_equal_choices_are_computed_once(no_data: Path) -> None:
    assert choose(5.0, PLAIN) == choose(5.0, PLAIN) and compress(choose(5.0, PLAIN)) is compress(choose(5.0, PLAIN))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((0.5, PLAIN, "float32", "mnist_cnn"), "No ranks fit"),
        ((50.0, DISTILLATION, "float32", "mnist_cnn"), "for mnist_mlp only"),
        ((0.5, DISTILLATION, "int8", "mnist_mlp"), "Raise the budget"),
    ],
)
def test_what_cannot_be_is_said(no_data: Path, arguments: tuple[float, str, str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        compress(choose(*arguments))


def test_without_a_checkpoint(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit"):
        choose(10.0, PLAIN)


def test_without_distilled_nets_there_is_nothing_to_take(no_data: Path, copied: Path) -> None:
    for name in DISTILLED:
        shutil.rmtree(copied / name)
    with pytest.raises(ValueError, match="No distilled net fits"):
        compress(choose(5.0, DISTILLATION))


@pytest.mark.slow
def test_the_chosen_point_is_taught_from_its_own_weights(mnist_root: Path) -> None:
    recipe = nets.distillation(choose(5.0, PLAIN))
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8)))
    start = compress(choose(5.0, PLAIN)).net.state_dict()
    assert all(torch.equal(t, start[name]) for name, t in run.model.state_dict().items())
    for _ in run:
        pass
    assert not any(torch.equal(p, start[name]) for name, p in run.model.named_parameters())
    own = nets.Own.from_run(run)
    assert own.score.n == 60 and own.bytes == 4 * sum(p.numel() for p in run.model.parameters()) and own.net.own
    with pytest.raises(ValueError, match="nothing to teach"):
        nets.distillation(choose(100.0, PLAIN))
    again = nets.distillation(choose(5.0, DISTILLATION)).model.keywords["ranks"]
    assert again == compress(choose(5.0, WHITENED)).ranks
