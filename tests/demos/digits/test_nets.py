"""How digits are read: strokes and examples, their places on the maps, the test set, and a net of one's own."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from demos._ui.nets import Net
from demos._ui.widgets.pad import digit_examples
from demos.digits import nets
from demos.digits.nets import LAYER_NAMES, PCA, TSNE
from explanation.projection import neighbour_agreement
from models.mlp import MLP
from signals import image
from tests.demos.digits.strokes import BLANK, ONE, SEVEN
from training import DataMissing, Run
from training.recipes.mnist_mlp import recipe


@pytest.fixture
def net() -> Net[MLP]:
    return Net.pretrained(recipe)


def read(net: Net[MLP], address: str) -> nets.Reading:
    return nets.classify_digit(net, image.from_data_url(address))


@pytest.mark.parametrize(("address", "digit"), [(ONE, 1), (SEVEN, 7)])
def test_a_drawn_digit_is_read_right(net: Net[MLP], address: str, digit: int) -> None:
    reading = read(net, address)
    assert int(reading.p_C.argmax()) == digit and reading.p_C.sum().item() == pytest.approx(1)
    assert reading.x_HW.shape == (28, 28) and 0 < reading.ink < 0.5
    assert reading.place_L2.shape == (len(LAYER_NAMES), 2) and reading.place_L2.isfinite().all()


def test_the_examples_are_read(net: Net[MLP]) -> None:
    right = sum(int(read(net, e["src"]).p_C.argmax()) == int(e["name"][-1]) for e in digit_examples())
    assert right >= 9, f"{right} of 10"


def test_an_empty_pad_is_refused(net: Net[MLP]) -> None:
    with pytest.raises(ValueError, match="draw one digit"):
        read(net, BLANK)


def test_the_layers_pull_the_digits_apart(net: Net[MLP]) -> None:
    class_N = net.evidence["map_class"]
    shares = [neighbour_agreement(nets.map_places(net.evidence, i, TSNE), class_N) for i in range(len(LAYER_NAMES))]
    assert shares[-2] > shares[0] > 0.5


def test_a_test_digit_without_the_test_set(no_data: Path) -> None:
    assert nets.test_pictures() is None
    with pytest.raises(DataMissing, match="Hugging Face hub"):
        nets.random_test_digit()


def test_a_test_digit(net: Net[MLP], mnist_root: Path) -> None:
    x_B1HW = nets.test_pictures()
    picture = image.from_data_url(nets.random_test_digit())
    assert x_B1HW is not None and picture.size == (280, 280)
    small = torch.tensor(list(picture.convert("L").resize((28, 28), 0).tobytes()), dtype=torch.uint8)
    assert (x_B1HW.flatten(1) == small).all(1).any(), "it is one of the test set's, pixel by pixel"


@pytest.mark.slow
def test_a_model_of_ones_own(mnist_root: Path) -> None:
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8)))
    for _ in run:
        pass
    own = nets.net_with_maps(run)
    assert own.own and read(own, SEVEN).place_L2.shape == (7, 2)
    assert nets.map_places(own.evidence, 1, PCA).shape == (len(own.evidence["map_class"]), 2)
    with pytest.raises(ValueError, match="Choose PCA"):
        nets.map_places(own.evidence, 1, TSNE)
