"""The Digits tab without a browser: what its handlers give, and what they say when something is missing."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
import torch

from demos._ui.widgets.pad import example, upload
from demos.digits import tab
from demos.digits.figures import NOTHING_DRAWN
from demos.digits.nets import LAYER_NAMES, net_with_maps
from models import CheckpointMissing
from signals import image
from tests.demos.digits.strokes import BLANK, ONE, SEVEN
from training import Run
from training.recipes.mnist_mlp import recipe


@pytest.mark.parametrize(("address", "digit"), [(ONE, 1), (SEVEN, 7)])
def test_a_drawn_digit_is_read_right(address: str, digit: int) -> None:
    answer = tab.read_digit(None, address)
    assert int(answer.reading.p_C.argmax()) == digit and f'<div class="wl-digit">{digit}</div>' in answer.words
    assert "28 × 28" in answer.seen
    assert len(answer.places) == len(LAYER_NAMES) and torch.isfinite(torch.tensor(answer.places)).all()


def test_an_empty_pad_says_what_to_do() -> None:
    assert tab.read_digit(None, tab.clear_pad()) == (NOTHING_DRAWN, "", [], None)
    with pytest.raises(ValueError, match="draw one digit"):
        tab.read_digit(None, BLANK)


def test_an_upload_lands_on_the_pad(tmp_path: Path) -> None:
    image.from_data_url(SEVEN).save(tmp_path / "seven.jpg")
    assert int(tab.read_digit(None, upload(str(tmp_path / "seven.jpg"))).reading.p_C.argmax()) == 7
    (tmp_path / "notes.png").write_text("text")
    with pytest.raises(ValueError, match="not a picture"):
        upload(str(tmp_path / "notes.png"))


def test_the_tab_opens_answered_and_keeps_what_is_there() -> None:
    answer = tab.on_open(None, example(tab.FIRST), None, None)
    assert '<div class="wl-digit">4</div>' in answer.words and "Right: its writer meant 4" in answer.words
    assert tab.on_open(None, example(tab.FIRST), None, answer.reading) == tab.Answer(*4 * [gr.skip()])
    journey, plot, words, digits, _ = tab.on_open_below(None, "Layer 5", "PCA", answer.reading, "4")
    assert journey.count('class="wl-digits-map"') == len(LAYER_NAMES)
    assert "yours" in [trace.name for trace in plot.data] and "Layer 5, PCA of 1,000" in words
    assert "Read as 4, most surely" in digits


def test_a_test_digit_says_what_its_writer_meant(no_data: Path) -> None:
    address, known = tab.test_digit()
    assert f"its writer meant {known.digit}" in tab.read_digit(None, address, known).words
    assert "its writer" not in tab.read_digit(None, SEVEN, known).words


def test_best_and_worst_need_no_data(no_data: Path) -> None:
    extremes = tab.best_and_worst("4")
    assert extremes.digits.count("<img") == 12 and "Read as 4, most surely" in extremes.digits
    assert "of 10,000 test digits are read wrong" in extremes.confusion


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for ask in (
        lambda: tab.read_digit(None, SEVEN),
        lambda: tab.map_layer("Pixels", "PCA", None, None),
        lambda: tab.best_and_worst("1"),
        lambda: tab.show_journey(None),
    ):
        with pytest.raises(CheckpointMissing, match="python -m training fit mnist_mlp"):
            ask()


@pytest.mark.slow
def test_a_model_of_ones_own(mnist_root: Path) -> None:
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8)))
    for _ in run:
        pass
    own = net_with_maps(run)
    answer = tab.read_digit(own, SEVEN)
    assert "Read by your model. The shipped net says 7" in answer.words and len(answer.places) == 7
    journey, shipped = tab.show_journey(own), tab.show_journey(None)
    assert journey.count('class="wl-digits-map"') == len(LAYER_NAMES) and journey != shipped
    with pytest.raises(ValueError, match="Choose PCA"):
        tab.map_layer("Layer 1", "t-SNE", own, answer.reading)
    assert "Layer 1, PCA of" in tab.map_layer("Layer 1", "PCA", own, answer.reading).words
