"""Compression's nets: the stops that can be chosen, what is remembered of which weights, and what is taught."""

import copy
import itertools
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from compression.lowrank import Factorisation
from demos._ui.nets import Net
from demos.compression import nets, teaching
from demos.compression.nets import Choice, compress
from demos.compression.subjects import (
    BYTE,
    COLOUR,
    CONVOLUTIONAL,
    FLOAT,
    METHODS,
    PERCEPTRON,
    PLAIN,
    SUBJECTS,
    TAUGHT,
    WHITENED,
    Subject,
)
from models import CheckpointMissing, _checkpoint
from training import Run
from training.data import mnist
from training.recipes import mnist_mlp_rank20


def choose(point: str = "4.3%", method: str = PLAIN, numbers: str = FLOAT, of: Subject = PERCEPTRON) -> Choice:
    return Choice.of(of.title, point, method, numbers)


KINDS = [
    (s, method, numbers) for s in SUBJECTS.values() for method in METHODS for numbers in nets.numbers_of(s, method)
]


def test_each_net_is_cut_in_some_way() -> None:
    assert {subject for subject, _, _ in KINDS} == set(SUBJECTS.values())
    assert nets.methods_of(PERCEPTRON) == list(METHODS) and TAUGHT not in nets.methods_of(CONVOLUTIONAL)


@pytest.mark.parametrize(("subject", "method", "numbers"), KINDS)
def test_the_stops_get_smaller_and_no_two_are_alike(subject: Subject, method: str, numbers: str) -> None:
    offered = nets.stops(subject, method, numbers)
    assert offered[0].title == "whole" and len(offered) >= 4
    assert all(a.bytes > nets.ALIKE * b.bytes for a, b in itertools.pairwise(offered))
    assert len({stop.title for stop in offered}) == len(offered)
    assert all(stop.n == 10_000 for stop in offered), "each was measured on the whole test set"


@pytest.mark.parametrize(
    ("subject", "method", "numbers"), [kind for kind in KINDS if kind[1] != WHITENED or kind[0] is COLOUR]
)
def test_every_stop_is_the_net_that_was_measured(subject: Subject, method: str, numbers: str) -> None:
    """To the byte; digits' cuts with care depend on the digits that are here, and are held to it where all are."""
    for stop in nets.stops(subject, method, numbers):
        point = compress(choose(stop.point, method, numbers, subject))
        assert (point.cost.bytes if point.net.int8 else 4 * point.cost.parameters) == stop.bytes, stop.point


@pytest.mark.data
@pytest.mark.slow
def test_what_is_cut_with_care_is_the_net_that_was_measured(real_mnist: None) -> None:
    for numbers in (FLOAT, BYTE):
        choice = choose("4.3%", WHITENED, numbers)
        point = compress(choice)
        assert not nets.cut_by_samples(choice)
        assert (point.cost.bytes if point.net.int8 else 4 * point.cost.parameters) == choice.stop.bytes
        assert teaching.test_score(point.net).accuracy == pytest.approx(choice.stop.accuracy, abs=3e-4)


def test_without_the_data_it_is_cut_by_samples_and_says_so(no_data: Path) -> None:
    choice = choose("4.3%", WHITENED)
    assert nets.cut_by_samples(choice) and not nets.cut_by_samples(choose("4.3%", PLAIN))
    assert teaching.test_score(compress(choice).net).accuracy == pytest.approx(choice.stop.accuracy, abs=0.015)


@pytest.mark.data
def test_calibration_pictures_are_training_pictures(real_mnist: None) -> None:
    """The benchmark's and the tab's whitened nets are the same net."""
    net = Net.pretrained(PERCEPTRON.recipe)
    theirs = Factorisation(net.model, mnist_mlp_rank20.calibration(mnist.splits().train)).spectra
    ours = nets.factorisation(PERCEPTRON, net, WHITENED).spectra
    assert torch.equal(theirs["blocks.1.linear"].energies, ours["blocks.1.linear"].energies)


@pytest.mark.parametrize("name", sorted(PERCEPTRON.taught()))
def test_a_taught_net_has_the_accuracy_of_its_card(name: str) -> None:
    found = [stop for kind in ("float32", "int8") for stop in nets.curve(PERCEPTRON, "distilled", kind)]
    stops = [stop for stop in found if stop.point == name]
    int8 = name == "mnist_mlp_x93"
    (stop,) = [stop for stop in stops if (stop.precision == "int8") == int8]
    assert stop.accuracy == pytest.approx(_checkpoint.card(name).metrics["accuracy"], abs=2e-4)


def test_matrices_are_those_that_are_taken_apart() -> None:
    net = Net.pretrained(PERCEPTRON.recipe)
    apart, found = nets.factorisation(PERCEPTRON, net, PLAIN), nets.matrices(net)
    assert list(found) == list(apart.spectra) and all(torch.equal(w, apart.matrix(name)) for name, w in found.items())


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


def test_new_weights_are_noticed_by_everything_that_is_remembered(copied: Path) -> None:
    old = choose()
    before, values = compress(old), nets.singular_values(old.net, "blocks.1.linear")
    other = copy.deepcopy(old.net.model)
    with torch.no_grad():
        other.get_parameter("head.bias").add_(1)
        other.get_parameter("blocks.1.linear.weight").mul_(2)
    _checkpoint.save("mnist_mlp", other, _checkpoint.card("mnist_mlp"))
    new = choose()
    assert new != old and not torch.equal(compress(new).net(PERCEPTRON.picture), before.net(PERCEPTRON.picture))
    assert torch.allclose(nets.singular_values(new.net, "blocks.1.linear"), 2 * values, rtol=1e-3)
    assert compress(old) is before, "the old choice still stands for the old weights"


def test_a_taught_net_that_was_made_again_is_noticed(copied: Path) -> None:
    old = choose("mnist_mlp_x23", TAUGHT)
    before = compress(old)
    assert old.taught is not None
    changed(old.taught, next(name for name, p in old.taught.model.named_parameters() if p.ndim == 1))
    new = choose("mnist_mlp_x23", TAUGHT)
    assert new != old and not torch.equal(compress(new).net(PERCEPTRON.picture), before.net(PERCEPTRON.picture))


def test_equal_choices_are_computed_once() -> None:
    assert choose() == choose() and compress(choose()) is compress(choose())


@pytest.mark.parametrize(
    "arguments",
    [("mnist_mlp_x93", PLAIN, FLOAT), ("4.3%", PLAIN, BYTE), ("5%", WHITENED, FLOAT), ("4.3%", TAUGHT, BYTE)],
)
def test_what_was_not_measured_cannot_be_chosen(arguments: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="Choose one of the sizes that are offered"):
        choose(*arguments)


def test_without_a_checkpoint(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit"):
        choose("10.0%", PLAIN)


def test_a_taught_net_that_is_not_here_is_not_offered(copied: Path) -> None:
    shutil.rmtree(copied / "mnist_mlp_x93")
    assert "mnist_mlp_x93" not in [stop.point for stop in nets.stops(PERCEPTRON, TAUGHT, BYTE)]


@pytest.mark.slow
def test_a_chosen_shape_is_taught_from_its_cut(mnist_root: Path) -> None:
    recipe = teaching.distillation(choose())
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8)))
    start = compress(choose()).net.state_dict()
    assert all(torch.equal(t, start[name]) for name, t in run.model.state_dict().items())
    for _ in run:
        pass
    assert not any(torch.equal(p, start[name]) for name, p in run.model.named_parameters())
    own = teaching.Own.from_run(run)
    assert own.subject is PERCEPTRON and own.net.own
    assert own.score.n == own.whole.n == 1000 and own.whole.accuracy > 0.98
    assert own.bytes == 4 * sum(p.numel() for p in run.model.parameters())
    with pytest.raises(ValueError, match="nothing to learn"):
        teaching.distillation(choose("mnist_mlp", TAUGHT))
    taught = choose("mnist_mlp_x23", TAUGHT)
    assert teaching.distillation(taught).model.keywords["ranks"] == compress(taught).ranks
