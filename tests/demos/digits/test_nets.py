"""How digits are read: strokes and examples, their places on the maps, the test set, and a net of one's own."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from demos._ui.nets import Net
from demos._ui.widgets.pad import example
from demos.digits import nets
from demos.digits.nets import LAYER_NAMES, PCA, TSNE
from explanation.projection import neighbour_agreement
from models.mlp import MLP
from signals import image
from tests.demos.digits.strokes import BLANK, ONE, SEVEN
from training import Run
from training.data import fashion_mnist, mnist, samples
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


@pytest.mark.parametrize("digit", range(10))
def test_the_examples_are_read_right_and_are_no_strangers(net: Net[MLP], digit: int) -> None:
    reading = read(net, example(digit))
    assert int(reading.p_C.argmax()) == digit == nets.truth(example(digit), None) and not reading.stranger
    assert image.from_data_url(example(digit)).size == (28, 28), "as MNIST has it"


def test_what_a_writer_meant_is_known_of_the_digit_on_the_board_alone() -> None:
    known = nets.Known("data:image/png;base64,AAAA", 3)
    assert nets.truth(known.address, known) == 3 and nets.truth(SEVEN, known) is None


def test_strangers_are_told_from_digits(net: Net[MLP]) -> None:
    """On what ships; the benchmark has the whole test set."""
    with samples():
        digit_B = mnist.official("test")[0][:400]
        clothes_B = fashion_mnist.official("test")[0][:200]
    warned = [
        sum(nets.classify_digit(net, Image.fromarray(x.numpy())).stranger for x in x_BHW[:, 0])
        for x_BHW in (digit_B, clothes_B)
    ]
    assert warned[0] <= 20 and warned[1] >= 180
    noise = torch.randint(0, 256, (28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    assert nets.classify_digit(net, Image.fromarray(noise.numpy())).stranger


def test_most_letters_are_told_from_digits(net: Net[MLP]) -> None:
    def drawn(letter: str) -> Image.Image:
        paper = Image.new("L", (160, 160), 255)
        ImageDraw.Draw(paper).text((80, 80), letter, fill=0, font=ImageFont.load_default(110), anchor="mm")
        return paper

    letters = "AEFHKMNRTVWX"
    warned = [letter for letter in letters if nets.classify_digit(net, drawn(letter)).stranger]
    assert len(warned) > len(letters) / 2, warned


def test_an_empty_pad_is_refused(net: Net[MLP]) -> None:
    with pytest.raises(ValueError, match="draw one digit"):
        read(net, BLANK)


def test_the_layers_pull_the_digits_apart(net: Net[MLP]) -> None:
    class_N = net.evidence["map_class"]
    shares = [neighbour_agreement(nets.map_places(net.evidence, i, TSNE), class_N) for i in range(len(LAYER_NAMES))]
    assert shares[-2] > shares[0] > 0.5


def test_a_test_digit_needs_no_data(net: Net[MLP], no_data: Path) -> None:
    known = nets.random_test_digit()
    picture = image.from_data_url(known.address)
    with samples():
        x_B1HW, label_B = mnist.official("test")
    small = torch.tensor(list(picture.convert("L").tobytes()), dtype=torch.uint8)
    (found,) = (x_B1HW.flatten(1) == small).all(1).nonzero()[0]
    assert int(label_B[found]) == known.digit
    assert image.from_data_url(nets.random_stranger()).size == (28, 28)


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
