"""What Compression draws: the verdict with what it is measured against, the curve, one layer, and answers."""

import numpy as np
import pytest
import torch

from compression.lowrank import Compressed
from demos._ui.nets import Net
from demos.compression import figures
from demos.compression.nets import Stop
from demos.compression.subjects import PERCEPTRON, PLAIN, TAUGHT, WHITENED
from demos.compression.teaching import Own, Score
from training.recipes import mnist_mlp_rank20

WHOLE = Stop("whole", 20_000_000, 1.0, 0.99, 0.98, 0.995, 10_000, 1.0, "float32")
SMALL = Stop("4%", 500_000, 40.0, 0.9, 0.89, 0.91, 10_000, 0.25, "float32")


def own() -> Own:
    model: Compressed = mnist_mlp_rank20.recipe.model().eval()
    net = Net(mnist_mlp_rank20.recipe, model, {}, "own 1", own=True)
    return Own(PERCEPTRON, net, 2_000_000, Score(0.97, 1000), Score(0.99, 1000))


def test_the_verdict_says_against_what_and_which_way() -> None:
    text = figures.verdict_text(SMALL, WHOLE, "digits")
    assert "40 times smaller" in text and "900 more wrong than the whole net: 1,000 instead of 100." in text
    assert "90.00 %" in text and "the whole net 99.00 %" in text and "500 KB" in text and "20.00 MB" in text
    assert "4.0 × faster" in text and "2.0 × slower" in figures.verdict_text(SMALL._replace(time=2.0), WHOLE, "digits")
    assert "9 fewer wrong" in figures.verdict_text(SMALL._replace(accuracy=0.9909), WHOLE, "digits")
    assert "as many wrong as the whole net: 100." in figures.verdict_text(
        SMALL._replace(accuracy=0.99), WHOLE, "digits"
    )
    assert "guessing" in figures.verdict_text(SMALL._replace(accuracy=0.11), WHOLE, "digits") and "guessing" not in text
    whole = figures.verdict_text(WHOLE, WHOLE, "digits")
    assert "The whole net: of 10,000 test digits it gets 100 wrong." in whole and "faster" not in whole


def test_sizes_in_words() -> None:
    assert figures.size_text(999_000) == "999 KB" and figures.size_text(1_234_000) == "1.23 MB"
    assert [SMALL._replace(times_smaller=times).title for times in (1, 2.04, 9.97, 93.4)] == [
        "whole",
        "2.0 ×",
        "10 ×",
        "93 ×",
    ]


def test_the_curve_names_its_lines_and_marks_the_chosen_net() -> None:
    lines = {PLAIN: [WHOLE, SMALL._replace(accuracy=0.2)], TAUGHT: [WHOLE, SMALL]}
    text = figures.curve_chart(lines, TAUGHT, SMALL, "digits", own())
    assert text.count("<polyline") == 2 and text.count('class="wl-line"') == 1
    assert ">taught<" in text and ">cut<" in text and ">yours<" in text
    (here,) = [part for part in text.split("<span") if "wl-compression-here" in part]
    share = 100 * np.log(40) / np.log(4 * 40)
    assert f"left:{share:.1f}%" in here
    assert "yours" not in figures.curve_chart(lines, TAUGHT, SMALL, "digits")
    poor = figures.curve_chart(lines, PLAIN, lines[PLAIN][1], "digits")
    top = figures.HEADROOM * 0.01
    down = 100 * np.log(0.8 / top) / np.log(figures.WORST / top)
    assert f"left:{share:.1f}%;top:{down:.1f}%" in poor, "what reads one digit in five right lies where it belongs"
    lost = figures.curve_chart(lines, PLAIN, SMALL._replace(accuracy=0.05), "digits")
    assert f"left:{share:.1f}%;top:100.0%" in lost, "what reads worse than one who guesses lies on the ground"


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
    assert (
        '<line class="wl-compression-cut" x1="150.0"' in text
        and "How much each of 3 directions weighs" in text
        and "; cut after 2" in text
    )
    assert "<line" not in figures.spectrum(torch.tensor([100.0, 10.0, 1.0]), None)
    assert "nan" not in figures.spectrum(torch.zeros(3), None)


def test_a_layer_and_the_lesson_of_its_method() -> None:
    w_OI, value_K = torch.eye(4), torch.tensor([3.0, 1.0])
    plain = figures.layer_text("Last layer", PLAIN, w_OI, 0.9 * w_OI, value_K, 1)
    assert "Last layer, 4 × 4 numbers. Of its 2 directions 1 are kept, in 8 numbers: they carry 90.0 %" in plain
    assert plain.count("<img") == 2
    assert "that matter for such pictures" in figures.layer_text("Last layer", WHITENED, w_OI, w_OI, value_K, 1)
    assert "taught to answer" in figures.layer_text("Last layer", TAUGHT, w_OI, w_OI, value_K, 1)
    whole = figures.layer_text("Last layer", WHITENED, w_OI, w_OI, value_K, None)
    assert "After: left whole" in whole and "It is left whole." in whole


@pytest.mark.parametrize(("i", "name"), [(0, "First hidden layer"), (4, "Fifth hidden layer"), (5, "Last layer")])
def test_layers_have_names(i: int, name: str) -> None:
    assert figures.layer_name(i, 6) == name


def test_answers_side_by_side() -> None:
    p_C = [0.02] * 10
    p_C[7] = 0.82
    text = figures.answers_text([("The whole net", p_C), ("Yours", p_C)], PERCEPTRON.classes)
    assert "<h3>The whole net: 7, 82.0 %</h3>" in text and "<h3>Yours: 7, 82.0 %</h3>" in text
    assert text.count("wl-bar-marked") == 2


def test_the_card_on_the_home_page_falls() -> None:
    assert figures.thumbnail().count("<rect") == 24
