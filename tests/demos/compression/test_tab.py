"""The Compression tab without a browser: every method, every refusal, and a download that loads elsewhere."""

import copy
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch

from compression.lowrank import Compressed, Factorisation
from demos.compression import nets
from demos.compression import tab as tab
from demos.compression.nets import Choice, compress
from models import _checkpoint
from models._checkpoint import CheckpointMissing
from tests.demos.digits.test_tab import SEVEN
from training._run import Run
from training.data import mnist
from training.recipes import mnist_mlp_rank20


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Each test meets the tab as a fresh process does."""
    yield
    nets._weights.clear()


def choose(percent: float, method: str, precision: str = "float32", name: str = "mnist_mlp") -> Choice:
    nets.renew()
    return Choice(name, percent, method, precision)


def test_plain_needs_no_data(no_data: Path) -> None:
    numbers, layer, matrix, figure, words = tab.squeeze("mnist_mlp", 10.0, "Plain", "float32", None)
    assert "× smaller than float32" in numbers and "off the stored curve" in numbers
    assert layer["value"] == "blocks.1.linear" and matrix.count("<img") == 2
    assert "blocks.0" in words and "your point" in [trace.name for trace in figure.data]
    assert 0.095 < compress(choose(10.0, "Plain")).bytes / nets.float32_bytes("mnist_mlp") <= 0.1


def test_whitening_without_training_pictures_is_read_off_the_stored_curve(no_data: Path) -> None:
    numbers, _, matrix, figure, words = tab.squeeze("mnist_mlp", 5.0, "Whitened", "float32", None)
    assert "≈ 98." in numbers and not matrix and "needs training pictures" in words
    assert "your point" in [trace.name for trace in figure.data]


def test_the_stored_curve_says_what_the_card_says_of_a_distilled_net(no_data: Path) -> None:
    choice = choose(5.0, "Whitened and distilled")
    point = compress(choice)
    assert point.shelf
    expected = _checkpoint.card(point.shelf).metrics["accuracy"]
    assert nets.recalled(choice, point.bytes, point.shelf) == pytest.approx(expected, abs=2e-4)


@pytest.mark.data
@pytest.mark.slow
def test_whitened_beats_plain_at_the_same_bytes(real_mnist: None) -> None:
    plain, whitened = (nets.measure(choose(5.0, method)) for method in ("Plain", "Whitened"))
    assert whitened[0] > 0.97 > plain[0]


@pytest.mark.data
def test_calibration_pictures_are_training_pictures(real_mnist: None) -> None:
    """The benchmark's and the tab's whitened nets are the same net."""
    train = mnist.splits().train
    apart = Factorisation(nets.dense("mnist_mlp"), mnist_mlp_rank20.calibration(train))
    theirs, ours = (
        apart.spectra["blocks.1.linear"],
        nets.factorisation("mnist_mlp", "Whitened").spectra["blocks.1.linear"],
    )
    assert torch.equal(theirs.energies, ours.energies)


def test_distilled_takes_the_largest_that_fits(no_data: Path) -> None:
    small, large = (compress(choose(percent, "Whitened and distilled")) for percent in (1.1, 5.0))
    assert small.bytes < large.bytes <= 0.05 * nets.float32_bytes("mnist_mlp")
    assert small.net.int8  # only the one that was stored as int8 is that small


def test_int8_is_smaller(no_data: Path) -> None:
    whole = compress(choose(100.0, "Plain", "int8"))
    assert whole.net.int8 and whole.bytes < 0.27 * nets.float32_bytes("mnist_mlp")


def test_new_weights_are_noticed(no_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(_checkpoint.CHECKPOINTS, tmp_path / "copy")
    monkeypatch.setattr(_checkpoint, "CHECKPOINTS", tmp_path / "copy")
    before = compress(choose(5.0, "Plain"))
    net = copy.deepcopy(nets.dense("mnist_mlp"))
    with torch.no_grad():
        net.get_parameter("head.bias").add_(1)
    _checkpoint.save("mnist_mlp", net, _checkpoint.card("mnist_mlp"))
    after = compress(choose(5.0, "Plain"))
    assert not torch.equal(after.net(tab.PICTURE), before.net(tab.PICTURE))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("mnist_cnn", 0.5, "Plain", "float32"), "No ranks fit"),
        (("mnist_cnn", 50.0, "Whitened and distilled", "float32"), "for mnist_mlp only"),
        (("mnist_mlp", 0.5, "Whitened and distilled", "int8"), "Raise the budget"),
    ],
)
def test_what_cannot_be_is_said(no_data: Path, arguments: tuple[str, float, str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        tab.squeeze(*arguments, None)


def test_without_a_checkpoint(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit"):
        tab.squeeze("mnist_mlp", 10.0, "Plain", "float32", None)


def test_a_slider_dragged_back_and_forth_stays_calm(no_data: Path) -> None:
    for percent in [30.0, 2.0] * 10:
        numbers, *_ = tab.squeeze("mnist_mlp", percent, "Plain", "float32", "blocks.3.linear")
        assert "parameters of 5,012,490" in numbers


def test_both_nets_read_the_digit(no_data: Path) -> None:
    chosen = ("mnist_mlp", 5.0, "Whitened and distilled", "float32")
    assert "Dense: 7" in (text := tab.read_by_both(*chosen, None, SEVEN)) and "Compressed: 7" in text
    assert "Draw a digit" in tab.read_by_both(*chosen, None, "")


def test_the_download_loads_as_the_tab_says(no_data: Path, tmp_path: Path) -> None:
    for precision in ("float32", "int8"):
        with zipfile.ZipFile(tab.pack("mnist_mlp", 5.0, "Plain", precision)["value"]) as archive:
            archive.extractall(tmp_path)
        net = Compressed(**json.loads((tmp_path / "config.json").read_text())).eval()
        net.load_state_dict(safetensors.torch.load_file(tmp_path / "model.safetensors"))
        x_B = torch.rand(4, 1, 28, 28)
        theirs = compress(choose(5.0, "Plain", precision)).net
        assert torch.equal(net(x_B), theirs(x_B))
        assert json.loads((tmp_path / "card.json").read_text())["made_from"] == "mnist_mlp"


@pytest.mark.slow
def test_the_chosen_point_is_taught_from_its_own_weights(mnist_root: Path) -> None:
    recipe = tab.teach("mnist_mlp", 5.0, "Plain", "float32")
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8)))
    start = compress(choose(5.0, "Plain")).net.state_dict()
    assert all(torch.equal(t, start[name]) for name, t in run.model.state_dict().items())
    for _ in run:
        pass
    assert not any(torch.equal(p, start[name]) for name, p in run.model.named_parameters())
    own = tab.taught(run)
    assert own.n == 60 and own.bytes == 4 * sum(p.numel() for p in run.model.parameters())
    assert "the net that you taught" in [trace.name for trace in tab.curve("mnist_mlp", 1e6, 0.9, own).data]
    assert "Yours (" in tab.read_by_both("mnist_mlp", 5.0, "Plain", "float32", own, SEVEN)
    with pytest.raises(ValueError, match="nothing to teach"):
        tab.teach("mnist_mlp", 100.0, "Plain", "float32")
    again = tab.teach("mnist_mlp", 5.0, "Whitened and distilled", "float32").model.keywords["ranks"]
    assert again == compress(choose(5.0, "Whitened")).ranks


def test_the_pareto_front() -> None:
    assert tab.pareto([(1, 0.5), (2, 0.4), (3, 0.9), (3, 0.8), (4, 0.9)]) == [(1, 0.5), (3, 0.9)]


def test_the_curve_shows_what_was_measured() -> None:
    names = [trace.name for trace in tab.curve("mnist_mlp", 1e6, 0.9).data]
    assert "distilled" in names and "your point" in names and "Pareto front" in names
    assert "your point" not in [trace.name for trace in tab.curve("mnist_mlp", 1e6, None).data]
