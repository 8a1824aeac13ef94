"""What Super-resolution draws: figures before and after, what is exact, errors, spectra, and the table of test sets."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from demos._ui.nets import Net
from demos.super_resolution import figures, nets
from demos.super_resolution.figures import Measured
from demos.super_resolution.nets import BICUBIC, EXAMPLES, OURS, Picture, Quality, Restored, Scores
from tests.demos.super_resolution.made import noise, own

NONE_B = torch.zeros(0)


def result_of(picture: Picture, factor: int = 2, net: Net[Any] | None = None) -> Restored:
    return nets.restore(nets.enlarging_work(picture, factor), OURS, net or own())


def told(gain: float, usual_B: torch.Tensor = NONE_B) -> str:
    measured = Measured(Quality(30.0, 0.9, None), Quality(30.0 + gain, 0.95, None))
    return figures.answer_text(result_of(noise(20, 20)), measured, usual_B)


def test_a_gain_is_told_with_its_direction_and_whether_it_is_much() -> None:
    much, little, hardly, worse = map(told, (1.25, 0.6, 0.2, -1.0))
    assert "1.2 dB closer to the truth than bicubic" in much and "31.2 against 30.0 dB" in much
    assert "That can be seen" in much and "That is little" in little and "Hardly to be seen" in hardly
    assert "1.0 dB further from the truth" in worse and "bicubic is better" in worse and "wl-fails" in worse
    assert "gains 1.1 to 1.9 dB" in told(1.0, torch.linspace(1, 2, 101))


def test_figures_before_and_after() -> None:
    text = figures.details_text(Measured(Quality(30.0, 0.9, None), Quality(31.25, 0.95, None)))
    assert "<i>30.00</i>" in text and "31.25 <em>+1.25</em>" in text and "0.950" in text
    assert "weights are not on this machine" in text
    seen = figures.details_text(Measured(Quality(30.0, 0.9, 0.5), Quality(29.0, 0.95, 0.25)))
    assert "<em>−1.00</em>" in seen and "0.500 by bicubic, 0.250 by the net" in seen


def test_without_a_truth_nothing_is_measured() -> None:
    text = figures.answer_text(result_of(noise(20, 20, "LA"), 4), None, NONE_B)
    assert "no truth here" in text and "dB" not in text and "20 × 20 → 80 × 80 pixels by your model" in text
    assert "net applied twice" in text and "Kept as it was: transparency and grey" in text


def test_an_exact_copy_is_exact() -> None:
    exact = Measured(Quality(float("inf"), 1, None), Quality(float("inf"), 1, None))
    text = figures.answer_text(result_of(noise(20, 20)), exact, NONE_B) + figures.details_text(exact)
    assert text.count("exact") == 2 and "inf" not in text and "nan" not in text and "<em>" not in text


def test_a_name_from_outside_is_escaped() -> None:
    text = figures.shown_text(result_of(replace(noise(20, 10, "RGBA"), title="<b>.png")))
    assert "&lt;b&gt;.png: 20 × 10 → 40 × 20 pixels" in text


def test_errors() -> None:
    work = nets.test_work(EXAMPLES["a cat"]())
    assert work.truth is not None
    off = work.truth.x_3HW.clone()
    off[:, 0, 0] += 128  # uint8 goes around
    text = figures.errors_text([("x", nets.errors_db(work.truth, work.truth.with_pixels(off)))])
    assert "&lt; 0.1 %" in text and text.count("<figure>") == 1
    assert "off by 0.3 %" in text and "32 % and more" in text
    all_off = figures.errors_text([("x", torch.full((8, 8), -10.0))])
    assert "100 %" in all_off


def test_spectra() -> None:
    text = figures.spectrum_text({name: nets.spectrum_db(noise(40, 40)) for name in ("Truth", BICUBIC, OURS)})
    assert text.count("<polyline") == 3 and all(name in text for name in ("Truth", BICUBIC, OURS))


def test_what_came_back_is_a_share_of_the_truth() -> None:
    fineness_K = torch.tensor([0.1, 0.3, 0.4])
    truth, half = torch.tensor([0.0, 0.0, 0.0]), torch.tensor([0.0, -3.0103, -3.0103])
    text = figures.regained_text((fineness_K, truth), (fineness_K, half), (fineness_K, truth))
    assert "bicubic has 50 %" in text and "the net <b>100 %</b>" in text
    coarse = (fineness_K[:1], truth[:1])
    assert "nothing to bring back" in figures.regained_text(coarse, coarse, coarse)


def test_scores_by_method() -> None:
    metrics = {"psnr_db_set5": 33.656, "ssim_set5": 0.92991}
    text = figures.scores_table({BICUBIC: Scores(metrics, None), OURS: Scores({}, 12_345)})
    assert "<td>33.66 / 0.9299</td>" in text and "<td>12,345</td>" in text and "<td>–</td>" in text
    assert '<th scope="col">Method</th>' in text and "BSDS500 test" in text
    assert figures.scores_table({}) == ""


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_progress(share: float) -> None:
    assert f"{100 * share:.0f} % of the tiles" in figures.waiting_text(share)
