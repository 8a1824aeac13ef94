"""What Super-resolution draws: figures before and after, what is exact, errors, spectra, and the table of test sets."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from demos.super_resolution import figures, nets
from demos.super_resolution.nets import BICUBIC, EXAMPLES, OURS, Picture, Quality, Restored, Scores
from tests.demos.super_resolution.made import noise, own


def result_of(picture: Picture, factor: int = 2) -> Restored:
    return nets.restored(nets.enlarging_work(picture, factor), OURS, own())


def test_figures_before_and_after() -> None:
    result = result_of(noise(20, 20))
    text = figures.answer_text(result, Quality(30.0, 0.9, None), Quality(31.25, 0.95, None))
    assert "<i>30.00</i>" in text and "31.25 <em>+1.25</em>" in text and "0.9500" in text
    assert "your model: 20 × 20 → 40 × 40 pixels" in text and "distance is left out" in text
    worse = figures.answer_text(result, Quality(30.0, 0.9, 0.5), Quality(29.0, 0.95, 0.25))
    assert "<em>−1.00</em>" in worse and "0.250" in worse and "LPIPS's form" in worse.unescape()


def test_without_a_truth_nothing_is_measured() -> None:
    text = figures.answer_text(result_of(noise(20, 20, "LA"), 4), None, None)
    assert "nothing can be measured" in text and "dB" not in text
    assert "net applied twice" in text and "Kept as it was: transparency and grey" in text


def test_an_exact_copy_is_exact() -> None:
    text = figures.answer_text(result_of(noise(20, 20)), Quality(float("inf"), 1, None), Quality(float("inf"), 1, None))
    assert text.count("exact") == 2 and "inf" not in text and "nan" not in text and "<em>" not in text


def test_a_name_from_outside_is_escaped() -> None:
    text = figures.about_text(replace(noise(20, 10, "RGBA"), title="<b>.png"))
    assert "&lt;b&gt;.png: 20 × 10 pixels, colour, with transparency." in text


def test_errors() -> None:
    work = nets.test_work(EXAMPLES["a cat"]())
    assert work.truth is not None
    off = work.truth.x_3HW.clone()
    off[:, 0, 0] = 255 - off[:, 0, 0]
    text = figures.errors_text([("x", nets.errors_db(work, work.truth.with_pixels(off)))])
    assert (
        "0.0 %" in text and text.count("<figure>") == 1 and "−30 dB" in text and "−50 dB" in text and "-50" not in text
    )
    all_off = figures.errors_text([("x", torch.full((8, 8), -10.0))])
    assert "100.0 %" in all_off


def test_spectra() -> None:
    spectra = [(name, nets.spectrum_db(noise(40, 40))) for name in ("Truth", BICUBIC, OURS)]
    drawn: Any = figures.spectrum_figure(spectra)
    assert [trace.name for trace in drawn.data] == ["Truth", BICUBIC, OURS]


def test_what_came_back_is_a_share_of_the_truth() -> None:
    fineness_K = torch.tensor([0.1, 0.3, 0.4])
    truth, half = torch.tensor([0.0, 0.0, 0.0]), torch.tensor([0.0, -3.0103, -3.0103])
    text = figures.regained_text((fineness_K, truth), (fineness_K, half), (fineness_K, truth))
    assert "bicubic has 50 %" in text and "the net 100 %" in text
    coarse = (fineness_K[:1], truth[:1])
    assert "nothing beyond" in figures.regained_text(coarse, coarse, coarse)


def test_scores_by_method() -> None:
    metrics = {"psnr_db_set5": 33.656, "ssim_set5": 0.92991}
    text = figures.scores_table({BICUBIC: Scores(metrics, None), OURS: Scores({}, 12_345)})
    assert "<td>33.66 / 0.9299</td>" in text and "<td>12,345</td>" in text and "<td>–</td>" in text
    assert '<th scope="col">Method</th>' in text and "BSDS500 test" in text
    assert figures.scores_table({}) == ""


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_progress(share: float) -> None:
    assert f"SRCNN: {100 * share:.0f} % of the tiles" in figures.waiting_text(share, "SRCNN")
