"""The Digits tab without a browser: what it reads, what it shows, and what it says when something is missing."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from demos._ui.widgets.pad import digit_examples, upload
from demos.digits import tab
from models._checkpoint import CheckpointMissing
from signals import image
from training._run import Run
from training.data._root import DataMissing
from training.recipes.mnist_mlp import recipe


def drawn(points: list[tuple[int, int]], width: int = 22) -> str:
    """A stroke on the pad, as the browser hands it over."""
    picture = Image.new("RGB", (280, 280), "white")
    ImageDraw.Draw(picture).line(points, fill="black", width=width, joint="curve")
    return image.to_data_url(picture)


ONE, SEVEN = drawn([(145, 40), (135, 240)]), drawn([(80, 60), (200, 60), (120, 240)])


@pytest.mark.parametrize(("address", "digit"), [(ONE, 1), (SEVEN, 7)])
def test_a_drawn_digit_is_read_right(address: str, digit: int) -> None:
    text, seen, places, reading = tab.answer(None, address)
    assert f'<div class="wl-digit">{digit}</div>' in text
    assert "28 × 28" in seen and "data:image/png" in seen
    assert len(places) == len(tab.LAYER_NAMES) and torch.isfinite(torch.tensor(places)).all()
    assert reading.p_C.sum().item() == pytest.approx(1)


def test_the_examples_are_read() -> None:
    right = 0
    for example in digit_examples():
        reading = tab.read(tab.shipped(), image.from_data_url(example["src"]))
        right += int(reading.p_C.argmax()) == int(example["name"][-1])
    assert right >= 9, f"{right} of 10"


def test_an_empty_pad_says_what_to_do() -> None:
    assert "Draw a digit" in tab.answer(None, "")[0]
    blank = image.to_data_url(Image.new("RGB", (280, 280), "white"))
    with pytest.raises(ValueError, match="draw one digit"):
        tab.answer(None, blank)


def test_an_upload_lands_on_the_pad(tmp_path: Path) -> None:
    image.from_data_url(SEVEN).save(tmp_path / "seven.jpg")
    text, *_ = tab.answer(None, upload(str(tmp_path / "seven.jpg")))
    assert '<div class="wl-digit">7</div>' in text
    (tmp_path / "notes.png").write_text("text")
    with pytest.raises(ValueError, match="not a picture"):
        upload(str(tmp_path / "notes.png"))


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
@pytest.mark.parametrize("layer", ["Pixels", "Answer"])
def test_every_layer_has_its_maps(layer: str, method: str) -> None:
    reading = tab.answer(None, SEVEN)[3]
    figure, words = tab.zoom(layer, method, None, reading)
    names = [trace.name for trace in figure.data]
    assert names[:10] == list("0123456789") and ("yours" in names) == (method == "PCA")
    assert sum(len(trace.x) for trace in figure.data[:10]) == 1000
    assert layer in words and "%" in words


def test_the_layers_pull_the_digits_apart() -> None:
    shares = [tab.neighbour_agreement(xy, tab.shipped().evidence["map_class"]) for xy in tab.shipped().evidence["tsne"]]
    assert shares[-2] > shares[0] > 0.5


def test_the_ring_lies_within_its_map() -> None:
    panels = tab.panels(tab.shipped())
    places = tab.answer(None, SEVEN)[2]
    for panel, (x, y) in zip(panels, places, strict=True):
        assert panel["x"] - panel["w"] < x < panel["x"] + 2 * panel["w"]
        assert panel["y"] - panel["h"] < y < panel["y"] + 2 * panel["h"]


def test_best_and_worst_without_the_test_set(no_data: Path) -> None:
    extremes, confusion = tab.best_and_worst("4")
    assert "not on this machine" in extremes and "<img" not in extremes
    assert "Read as 4, most surely" in extremes and "no. " in extremes
    assert "of 10,000 test digits are read wrong" in confusion


@pytest.mark.data
def test_best_and_worst_with_the_test_set(real_mnist: None) -> None:
    extremes, _ = tab.best_and_worst("4")
    assert extremes.count("<img") > 6 and "not on this machine" not in extremes
    assert tab.another().startswith("data:image/png")


def test_a_test_digit_without_the_test_set(no_data: Path) -> None:
    with pytest.raises(DataMissing, match="Hugging Face hub"):
        tab.another()


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for ask in (
        lambda: tab.answer(None, SEVEN),
        lambda: tab.zoom("Pixels", "PCA", None, None),
        lambda: tab.best_and_worst("1"),
        lambda: tab.journey(None),
    ):
        with pytest.raises(CheckpointMissing, match="python -m training fit mnist_mlp"):
            ask()


@pytest.mark.slow
def test_a_model_of_ones_own(mnist_root: Path) -> None:
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8)))
    for _ in run:
        pass
    own = tab.trained(run)
    text, _, places, reading = tab.answer(own, SEVEN)
    assert "your model" in text and len(places) == 7
    assert [panel["name"] for panel in tab.panels(own)] == list(tab.LAYER_NAMES)
    with pytest.raises(ValueError, match="Choose PCA"):
        tab.zoom("Layer 1", "t-SNE", own, reading)
    assert "Layer 1, PCA of" in tab.zoom("Layer 1", "PCA", own, reading)[1]
