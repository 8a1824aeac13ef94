"""What Compression draws: figures with what they are measured against, the curve, one layer, and answers."""

from typing import Any

import numpy as np
import pytest
import torch

from compression.cost import Cost
from compression.lowrank import Compressed
from demos._ui.nets import Net
from demos.compression import figures, nets
from demos.compression.nets import PLAIN, WHITENED, Own, Point, Score
from training.recipes import mnist_mlp_rank20

DENSE = Cost(parameters=5_000_000, bytes=10_000_000, macs=5_000_000)
ROWS = nets.benchmark("mnist_mlp")


def small() -> Compressed:
    return mnist_mlp_rank20.recipe.model().eval()


def own() -> Own:
    return Own(Net(mnist_mlp_rank20.recipe, small(), {}, "own 1", own=True), 1_200_000, Score(0.97, 10_000))


def test_the_numbers_say_against_what() -> None:
    point = Point(small(), Cost(parameters=250_000, bytes=500_000, macs=240_000))
    text = figures.numbers_text(Score(0.98, 10_000), point.bytes, DENSE, point, 0.5)
    assert "<b>98.00</b>" in text and "97.71 to 98.26, n = 10,000" in text
    assert "<b>1.00 MB</b>" in text and "20.0 × smaller than float32" in text
    assert "parameters of 5,000,000" in text and "<b>0.24 M</b>" in text and "<b>0.50 ×</b>" in text


@pytest.mark.parametrize(
    ("score", "words"), [(Score(0.98), "≈ 98.00"), (None, "no test set here, and no stored point near")]
)
def test_what_was_not_measured_here_says_so(score: Score | None, words: str) -> None:
    text = figures.numbers_text(score, 2_000_000, DENSE)
    assert words in text and "10.0 × smaller" in text and "parameters of" not in text


def test_sizes_in_words() -> None:
    assert figures.size_text(999_000) == "999 KB" and figures.size_text(1_234_000) == "1.23 MB"


def test_the_pareto_front() -> None:
    assert figures.pareto([(1, 0.5), (2, 0.4), (3, 0.9), (3, 0.8), (4, 0.9)]) == [(1, 0.5), (3, 0.9)]


def traces(drawn: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in drawn.data}


def test_the_curve_shows_what_was_measured() -> None:
    drawn = traces(figures.curve(ROWS, 1e6, Score(0.9), own()))
    assert {"distilled", "your point", "Pareto front", "the net that you taught"} <= set(drawn)
    assert (drawn["your point"].x[0], drawn["your point"].y[0]) == (1, pytest.approx(10))
    assert (drawn["the net that you taught"].x[0], drawn["the net that you taught"].y[0]) == (1.2, pytest.approx(3))
    distilled = drawn["distilled"]
    assert list(distilled.x) == sorted(distilled.x) and len(distilled.x) >= 3
    assert "your point" not in traces(figures.curve(ROWS, 1e6, None))
    assert "Pareto front" not in traces(figures.curve([], 1e6, None))


def test_a_matrix_is_teal_where_it_is_positive_and_clear_where_it_is_nothing() -> None:
    w_OI = torch.zeros(4, 8)
    w_OI[0], w_OI[3] = 5, -5
    shown = np.asarray(figures.matrix_picture(w_OI))
    assert shown.shape == (4, 8, 4) and shown[0, 0, :3].tolist() == [15, 148, 136] and shown[0, 0, 3] > 100
    assert shown[3, 0, :3].tolist() == [228, 87, 46] and shown[1, 0, 3] == 0
    assert figures.matrix_picture(torch.rand(1000, 10)).size == (10, 192)


def test_the_spectrum_falls_on_a_log_scale_and_is_cut() -> None:
    text = figures.spectrum(torch.tensor([100.0, 10.0, 1.0]), 2)
    assert 'points="0.0,0.0 100.0,100.0 200.0,200.0"' in text, "equal ratios, equal steps"
    assert '<line class="wl-compression-cut" x1="150.0"' in text and "3 singular values, log scale; cut after 2" in text
    assert "<line" not in figures.spectrum(torch.tensor([100.0, 10.0, 1.0]), None)
    assert "nan" not in figures.spectrum(torch.zeros(3), None)


def test_a_layer_and_the_lesson_of_its_method() -> None:
    w_OI, value_K = torch.eye(4), torch.tensor([3.0, 1.0])
    plain = figures.layer_text("head", PLAIN, w_OI, 0.9 * w_OI, value_K, 1)
    assert "Plain truncation keeps 90.0 %" in plain and "head, 4 × 4." in plain and "off by 0.10" in plain
    assert plain.count("<img") == 2 and "After, rank 1" in plain
    assert "what the layer does to digits" in figures.layer_text("head", WHITENED, w_OI, w_OI, value_K, 1)
    whole = figures.layer_text("head", WHITENED, w_OI, w_OI, value_K, None)
    assert "After: left whole" in whole and "leaves this layer whole" in whole and "off by 0.00" in whole


def test_answers_side_by_side() -> None:
    p_C = [0.02] * 10
    p_C[7] = 0.82
    text = figures.answers_text([("Dense", p_C), (figures.own_title(own()), p_C)])
    assert "<h3>Dense: 7, 82.0 %</h3>" in text and "Yours (1.20 MB, 97.00 % of 10,000 test digits): 7" in text
    assert text.count("wl-bar-marked") == 2


def test_the_card_on_the_home_page_falls() -> None:
    assert figures.thumbnail().count("<rect") == 24
