"""What Scan translation draws: pictures under outlines, figures by region, and verdicts."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from demos.translation import figures, nets, overfit
from demos.translation.figures import lesion_text, overfit_text, overfit_verdict, scans_text, spread_text
from demos.translation.nets import FIRST, THERE, Cards, Spread, Translation
from demos.translation.overfit import AS_IT_IS, NO_STEP, SHUFFLED, Point
from signals import image
from tests.demos.translation.known import net, oracle


def drawn(markup: str, i: int) -> np.ndarray:
    """The pixels of the `i`-th picture (outlines left out)."""
    part = markup.split('class="wl-under"')[i + 1]
    return np.asarray(image.from_data_url(part.split('src="')[1].split('"')[0]))


def test_four_pictures_under_their_outlines() -> None:
    made = nets.translate(THERE, net(), nets.example(FIRST))
    text = scans_text(made)
    assert text.count("<figure") == 4 and text.count("wl-translation-rim-lesion") == 4
    assert made.truth is not None
    for i, x_HW in enumerate((made.input_HW / 255, made.output_HW, made.truth)):
        assert np.array_equal(drawn(text, i)[..., 0], np.asarray(image.from_unit(x_HW)))
    assert "Input: pre-contrast" in text and "Truth: FLAIR" in text and "the line is the tumour" in text


def test_errors_are_viridis_from_nothing_to_the_full_error() -> None:
    of = nets.example(FIRST)
    error_HW = torch.zeros(of.head_HW.shape)
    error_HW[0, :3] = torch.tensor([0.0, figures.FULL_ERROR, 2 * figures.FULL_ERROR])
    of = replace(of, truth={"flair": torch.zeros_like(error_HW)})
    made = nets.translate(THERE, net(lambda x: error_HW.expand_as(x)), of)
    assert drawn(scans_text(made), 3)[0, :3].tolist() == [[68, 1, 84], [253, 231, 37], [253, 231, 37]]


def test_an_outline_surrounds_its_mask() -> None:
    mask = torch.zeros(40, 80, dtype=torch.bool)
    mask[10:30, 20:60] = True
    of = replace(nets.from_picture(Image.new("L", (80, 40), 90)), head_HW=mask, lesion_HW=mask)
    head, lesion = (
        np.asarray(pixels(part))[..., 3] for part in figures.outlines(of).split("<img")[1:]
    )  # fmt: skip
    assert lesion.shape == (200, 400) and lesion[100, 200] == 0 and lesion[100, 98] == 255 and lesion[0, 0] == 0
    assert 0 < head.astype(bool).sum() < lesion.astype(bool).sum(), "the head's is dotted"


def pixels(part: str) -> Image.Image:
    """A picture with its transparency."""
    return Image.open(io.BytesIO(base64.b64decode(part.split("base64,")[1].split('"')[0])))


def psnr_in_words(y_HW: Tensor, of: Translation) -> str:
    assert of.truth is not None
    return f"{nets.scores(y_HW, of.truth, of.scan.head_HW)['psnr_db_head']:.1f}"


def test_the_net_stands_beside_the_input_itself() -> None:
    made = nets.translate(THERE, net(lambda x: x * 0), nets.example("hard"))
    text = figures.answer_text(made)
    said = f"{psnr_in_words(made.output_HW, made)} against {psnr_in_words(made.baseline_HW, made)} dB; higher is better"
    assert said in text and "Your model is further from the truth" in text and "wl-fails" in text
    assert "a real scan of a patient whom the nets never saw" in text and "learnt by squared error" in text
    assert "nan" not in text and "before the sliders" not in text


def test_a_perfect_answer_is_told_as_such() -> None:
    of = nets.example(FIRST)
    text = figures.answer_text(nets.translate(THERE, oracle(of), of))
    assert (
        "closer to the truth" in text and "<td>∞</td>" in text and "<td>0.0 %</td>" in text and "<td>1.000</td>" in text
    )


def test_the_sliders_leave_the_figures_from_before_beside_the_new() -> None:
    made = nets.translate(THERE, net(), nets.example(FIRST), noise_percent=15)
    assert made.clean_HW is not None
    text = figures.answer_text(made)
    assert f"{psnr_in_words(made.output_HW, made)} against" in text
    assert f"Net, before the sliders: {psnr_in_words(made.clean_HW, made)} dB" in text


def test_a_slice_stands_among_the_test_slices() -> None:
    assert figures.rank_words(20.5, torch.arange(10, 30).float()) == "Of 20 test slices 55 % come out worse."
    assert figures.rank_words(20.5, torch.zeros(0)) == ""


def test_a_name_from_outside_is_escaped() -> None:
    of = nets.from_picture(Image.new("L", (30, 20), 90), "<b>mine</b>")
    text = figures.answer_text(replace(nets.translate(THERE, net(), of), strangeness=None))
    assert "&lt;b&gt;mine&lt;/b&gt;" in text and "<b>mine" not in text and "Nobody knows the truth" in text


# Verdicts


def spread_of(**known: float) -> Spread:
    facts = {"pearson": 0.5, "spearman": 0.5, "surest": 0.01, "least_sure": 0.1} | known
    return Spread(torch.zeros(4, 4), **facts)


def test_a_map_of_doubt_carries_its_verdict() -> None:
    made = nets.translate(THERE, net(), nets.example(FIRST))
    assert "in the right places" in spread_text(made, spread_of()) and "wl-holds" in spread_text(made, spread_of())
    text = spread_text(made, spread_of(spearman=-0.2))
    assert "does not tell of the error" in text and "wl-fails" in text and "<b>−0.20</b>" in text
    unknown = nets.translate(THERE, net(), nets.from_picture(Image.new("L", (30, 20), 90)))
    text = spread_text(unknown, spread_of(pearson=float("nan"), spearman=float("nan")))
    assert "Not checked" in text and "nan" not in text


def tumour(kept: float) -> Translation:
    """A net that keeps that share of a tumour's contrast."""
    of = nets.example(FIRST)
    assert of.lesion_HW is not None
    mask_HW, base = of.lesion_HW, torch.full(of.head_HW.shape, 0.4)
    of = replace(of, truth={"flair": base + 0.3 * mask_HW})

    def faded(x_B1HW: Tensor) -> Tensor:
        return (base + kept * 0.3 * mask_HW).expand_as(x_B1HW)

    return nets.translate(THERE, net(faded), of)


@pytest.mark.parametrize(
    ("kept", "title"),
    [
        (-0.5, "the wrong way round"),
        (-0.05, "Only 0 % of its contrast"),
        (0.2, "paints the tumour over"),
        (0.9, "The tumour shows"),
        (1.9, "exaggerates"),
    ],
)
def test_what_became_of_the_tumour(kept: float, title: str) -> None:
    made = tumour(kept)
    text = lesion_text(nets.assess_lesion(made), nets.hallucinated_share(made))
    assert title in text and ("wl-holds" in text) == (kept == 0.9)


def test_a_tumour_that_hardly_shows() -> None:
    found = nets.assess_lesion(tumour(1))
    assert found is not None
    assert "hardly shows" in lesion_text(replace(found, contrast=0.01), 0.0)


def test_without_an_outline_only_what_is_painted_in_is_told() -> None:
    assert "No tumour is outlined" in lesion_text(None, 0.25) and "25.0 % is brighter" in lesion_text(None, 0.25)
    assert "nothing is painted in" in lesion_text(None, 0.0)
    assert lesion_text(None, None) == figures.NO_OUTLINE


# Learning by heart


def test_learnt_by_heart() -> None:
    points = [Point(1, 0.1, 0.5), Point(2, 0.2, 0.1), Point(3, 0.3, 0.004)]
    assert "Learnt by heart" in overfit_verdict(points, AS_IT_IS) and "wl-holds" in overfit_verdict(points, AS_IT_IS)
    text = overfit_text(points, "four drawn heads")
    assert "<svg" in text and "four drawn heads" in text and "<b>0.8</b>" in text


def test_a_broken_net_is_called_broken() -> None:
    points = [Point(i + 1, 0.1 * i, 0.5) for i in range(overfit.STEPS)]
    assert "The model or the loop is broken" in overfit_verdict(points, AS_IT_IS)
    assert "this machine is busy" in overfit_verdict(points[:9], AS_IT_IS)


@pytest.mark.parametrize(("way", "why"), [(NO_STEP, "without a step"), (SHUFFLED, "only their mean")])
def test_a_broken_loop_is_told_as_it_must_be(way: str, why: str) -> None:
    text = overfit_verdict([Point(i + 1, 0.1 * i, 0.5) for i in range(overfit.STEPS)], way)
    assert "Not learnt by heart" in text and "As it must be" in text and why in text


# All nets


def test_all_nets_side_by_side() -> None:
    metrics = {"there, squared error": {"psnr_db_head": 12.34, "mae_tumour": 0.5}, "back": {"psnr_db_head": 11.0}}
    text = figures.nets_table(Cards(metrics, [7], []), ["Make it with: fit mri_dense_unet_ssim"])
    assert "<td>12.34</td>" in text and "<td>0.5000</td>" in text and "<td>–</td>" in text
    assert "means over 7 slices" in text and "fit mri_dense_unet_ssim" in text
    assert "PSNR of ∞" in text and "left out of that mean" in text
    assert "<table" not in figures.nets_table(Cards({}, [], []), ["none"])
