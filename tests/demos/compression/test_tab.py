"""The Compression tab without a browser: what every handler gives, with the data and without."""

from pathlib import Path

import gradio as gr
import pytest
import torch

from demos._ui.nets import Net
from demos._ui.widgets.pad import example
from demos.compression import nets, tab
from demos.compression.nets import DENSE, Choice, Own, Score
from models import CheckpointMissing

SEVEN = example(7)
PLAIN, WHITENED, DISTILLED = (("mnist_mlp", 5.0, method, "float32") for method in nets.METHODS)


def test_plain_needs_no_data(no_data: Path) -> None:
    page = tab.compress(*PLAIN, None, None)
    assert "× smaller than float32" in page.numbers and "off the stored curve" in page.numbers
    assert page.layer["value"] == "blocks.1.linear" and page.matrix.count("<img") == 2
    assert "blocks.0" in page.words and "your point" in [trace.name for trace in page.plot.data]


def test_whitening_without_training_pictures_is_read_off_the_stored_curve(no_data: Path) -> None:
    page = tab.compress(*WHITENED, None, None)
    assert "≈ 98." in page.numbers and "needs training pictures" in page.words
    assert page.layer == gr.skip() and not page.matrix and "your point" in [trace.name for trace in page.plot.data]


def test_trouble_is_told(no_data: Path) -> None:
    with pytest.raises(ValueError, match="for mnist_mlp only"):
        tab.compress("mnist_cnn", 50.0, nets.DISTILLATION, "float32", None, None)


def test_without_a_checkpoint(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit"):
        tab.compress(*PLAIN, None, None)


def test_a_slider_dragged_back_and_forth_stays_calm(no_data: Path) -> None:
    for percent in [30.0, 2.0] * 10:
        page = tab.compress("mnist_mlp", percent, nets.PLAIN, "float32", "blocks.3.linear", None)
        assert "parameters of 5,012,490" in page.numbers and page.layer["value"] == "blocks.3.linear"


def test_another_layer(no_data: Path) -> None:
    found = tab.show_layer(*PLAIN, "head")
    assert found.layer["value"] == "head" and "head, 10 × 1024" in found.matrix
    assert tab.show_layer(*PLAIN, "gone").layer["value"] == "blocks.1.linear"


def test_both_nets_read_the_digit(no_data: Path) -> None:
    text = tab.read_by_both(*DISTILLED, None, SEVEN)
    assert "Dense: 7" in text and "Compressed: 7" in text and "Yours" not in text
    assert "Draw a digit" in tab.read_by_both(*DISTILLED, None, "")


def test_ones_own_net_reads_beside_them_and_stands_on_the_curve(no_data: Path) -> None:
    model = nets.compress(Choice.of(*DISTILLED)).net
    own = Own(Net(nets.DISTILLED["mnist_mlp_rank20"], model, {}, "own 1", own=True), 700_000, Score(0.9, 60))
    assert "Yours (700 KB, 90.00 % of 60 test digits): 7" in tab.read_by_both(*PLAIN, own, SEVEN)
    page = tab.compress(*PLAIN, None, own)
    assert "the net that you taught" in [trace.name for trace in page.plot.data]


def test_what_is_packed_can_be_had_until_something_else_is_chosen(no_data: Path) -> None:
    ready = tab.pack(*PLAIN)
    assert Path(ready["value"]).exists() and ready["label"] == "Download mnist_mlp-5-percent-float32.zip"
    assert ready["interactive"] and tab.unpack()["value"] is None and not tab.unpack()["interactive"]


def test_the_panel_teaches_the_chosen_point(no_data: Path) -> None:
    recipe = tab.recipe_of(*PLAIN)
    assert recipe.model.keywords["ranks"] == nets.compress(Choice.of(*PLAIN)).ranks
    shapes = {name: t.shape for name, t in recipe.model().state_dict().items()}
    assert shapes == {name: t.shape for name, t in nets.compress(Choice.of(*PLAIN)).net.state_dict().items()}
    with pytest.raises(ValueError, match="teaches mnist_mlp"):
        tab.recipe_of("mnist_cnn", 50.0, nets.PLAIN, "float32")


def test_every_net_that_can_be_chosen_reads_digits(no_data: Path) -> None:
    for name in DENSE:
        answer = Net.pretrained(DENSE[name]).model(torch.zeros(2, 1, 28, 28))
        assert answer.shape == (2, 10)
