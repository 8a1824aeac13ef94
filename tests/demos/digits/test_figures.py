"""What the Digits tab draws: the answer, the journey's maps, one map large, the best, the worst and the confused."""

import re
from dataclasses import replace
from typing import Any

import pytest
import torch

from demos._ui.nets import Net
from demos.digits import figures
from demos.digits.nets import LAYER_NAMES, METHODS, PCA, Reading, classify_digit
from models.mlp import MLP
from signals import image
from tests.demos.digits.strokes import SEVEN
from training.recipes.mnist_mlp import recipe


@pytest.fixture
def net() -> Net[MLP]:
    return Net.pretrained(recipe)


@pytest.fixture
def reading(net: Net[MLP]) -> Reading:
    return classify_digit(net, image.from_data_url(SEVEN))


P_C = torch.full((10,), 0.004).index_fill(0, torch.tensor([4]), 0.94).index_fill(0, torch.tensor([9]), 0.028)


def test_the_answer_in_words(reading: Reading) -> None:
    text = figures.answer_text(replace(reading, p_C=P_C), "the shipped model", truth=9)
    assert '<div class="wl-digit">4</div>' in text and "94.0 %</b> sure; next is 9, 2.8 %" in text
    assert "Wrong: its writer meant 9." in text and "wl-stranger" not in text and "shipped" not in text
    assert text.count('<div class="wl-bar') == 1 + 10
    assert "28 × 28" in figures.seen_text(reading) and "data:image/png" in figures.seen_text(reading)


def test_ones_own_net_answers_beside_the_shipped_one(reading: Reading) -> None:
    text = figures.answer_text(reading, "your <model>", truth=7, beside=replace(reading, p_C=P_C))
    assert "Right: its writer meant 7. Read by your &lt;model&gt;. The shipped net says 4, 94.0 % sure." in text


def test_of_a_stranger_the_warning_comes_first(reading: Reading) -> None:
    text = figures.answer_text(replace(reading, outside=0.9, most_outside=0.5), "the shipped model")
    assert text.index(figures.STRANGE) < text.index("wl-doubted") < text.index('class="wl-digit"')


def test_the_journey_has_a_map_of_every_layer(net: Net[MLP]) -> None:
    text = figures.journey_text(net.evidence)
    assert re.findall("<figcaption><b>(.*?)</b>", text) == list(LAYER_NAMES)
    assert text.count("<img") == text.count('class="wl-digits-ring"') == 7
    (left, bottom), (width, height) = (t.tolist() for t in figures.window(net.evidence["pca"][0]))
    assert f"--left:{left}; --bottom:{bottom}; --width:{width}; --height:{height}" in text


def test_a_map_shows_every_test_digit_and_the_ring_lies_nearby(net: Net[MLP], reading: Reading) -> None:
    for xy_N2, place_2 in zip(net.evidence["pca"], reading.place_L2, strict=True):
        low_2, size_2 = figures.window(xy_N2)
        share_N2 = (xy_N2 - low_2) / size_2
        assert share_N2.min() > 0.05 and share_N2.max() < 0.95
        assert (((place_2 - low_2) / size_2 - 0.5).abs() < 1.5).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("layer", ["Pixels", "Answer"])
def test_every_layer_has_its_maps(net: Net[MLP], reading: Reading, layer: str, method: str) -> None:
    figure: Any
    figure, words = figures.layer_map(net.evidence, layer, method, reading)
    names = [trace.name for trace in figure.data]
    assert names[:10] == list("0123456789") and ("yours" in names) == (method == PCA)
    assert sum(len(trace.x) for trace in figure.data[:10]) == 1000
    assert layer in words and "%" in words and ("yours is on the PCA map" in words) == (method != PCA)


@pytest.mark.parametrize("digit", range(10))
def test_the_best_and_the_worst_come_with_their_pictures(net: Net[MLP], digit: int) -> None:
    evidence = net.evidence
    shown = int((evidence["surest_index"][digit] >= 0).sum() + (evidence["wrong_index"][digit] >= 0).sum())
    text = figures.extremes_text(digit, evidence)
    assert text.count("<figure") == text.count("data:image/png") == shown >= 7
    nobody = evidence | {"wrong_index": torch.full_like(evidence["wrong_index"], -1)}
    assert "None in the test set." in figures.extremes_text(digit, nobody)


def test_what_was_measured_of_strangers_is_said() -> None:
    text = figures.strangers_text([{"what": "clothes", "warned": 0.95, "n": 500}])
    assert "clothes" in text and "95.0 %" in text and "500" in text and not figures.strangers_text([])


def test_the_confusion_names_the_commonest_slip() -> None:
    counts_CC = 90 * torch.eye(10, dtype=torch.long)
    counts_CC[4, 9], counts_CC[3, 5] = 7, 2
    text = figures.confusion_text(counts_CC, torch.tensor([[1.0, 1.0, 1.0]]))
    assert "9 of 909 test digits are read wrong. The most common slip: 7 times a 4 is read as 9" in text
    assert text.count('class="wl-hit"') == 10 and '--heat:1.00">7<' in text and '--heat:0.29">2<' in text
