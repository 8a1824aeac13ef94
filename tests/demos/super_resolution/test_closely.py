"""A result looked at closely: two pictures of one size under the handle, spots, errors and spectra."""

from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from demos._ui.widgets.magnifier import place
from demos.super_resolution import closely, figures, nets
from demos.super_resolution.nets import BICUBIC, EXAMPLES, OURS
from tests.demos.super_resolution.made import noise, own


@pytest.mark.parametrize("left", closely.LEFT)
def test_before_and_after_are_of_one_size(left: str) -> None:
    work = nets.test_work(EXAMPLES["a page, grey"]())
    shown = closely.compare(work, nets.restored(work, OURS, own()), left)
    before, after = shown["value"]
    assert before.size == after.size == (384, 190) and shown["label"] == f"{left} | {OURS}"
    slider = gr.ImageSlider(format="png", image_mode=None)
    kept = slider.postprocess((before, after))
    assert kept is not None and kept.root is not None
    for part, wanted in zip(kept.root, (before, after), strict=True):
        assert part is not None and part.path is not None
        with Image.open(part.path) as file:
            assert file.format == "PNG" and np.array_equal(np.asarray(file), np.asarray(wanted)), "to the pixel"


def test_of_what_is_enlarged_nobody_knows_the_truth() -> None:
    work = nets.enlarging_work(noise(40, 40), 2)
    result = nets.restored(work, OURS, own())
    with pytest.raises(ValueError, match="Nobody knows the truth"):
        closely.compare(work, result, closely.TRUTH)
    found = closely.analyse(work, result)
    assert "Without a truth" in found.errors and len(found.spectrum.data) == 2 and not found.regained


def test_errors_and_spectra() -> None:
    work = nets.test_work(EXAMPLES["a cat"]())
    found = closely.analyse(work, nets.restored(work, OURS, own()))
    assert found.errors.count("<figure>") == 2 and "dB" in found.errors and "%" in found.regained
    assert [trace.name for trace in found.spectrum.data] == ["Truth", BICUBIC, OURS]


def test_the_lens_shows_the_result_or_what_it_was_made_of() -> None:
    work = nets.test_work(EXAMPLES["a cat"]())
    result = nets.restored(work, OURS, own())
    lens = closely.lens_of(work, result)
    assert lens.props["shown"] == nets.thumbnail(result.picture, 720) and lens.value == "0.5 0.5"
    assert lens.props["frame"] == pytest.approx([nets.SPOT / 225, nets.SPOT / 150])


def test_a_spot_by_what_there_is(checkpoints: Path) -> None:
    work = nets.test_work(noise(30, 30))
    assert closely.magnify(work, "0.1 0.9", None).count("<figure>") == 3, "small, bicubic and truth remain"
    assert closely.magnify(work, "0.1 0.9", own()).count("<figure>") == 4


def test_nothing_yet() -> None:
    assert closely.compare(None, None, BICUBIC) is None and closely.magnify(None, None, None) == figures.NO_SPOT
    assert closely.analyse(None, None).errors == figures.NO_MAP


@pytest.mark.parametrize("value", ["", None, "0.2 0.7"])
def test_the_magnifiers_place(value: str | None) -> None:
    assert place(value) == ((0.2, 0.7) if value else (0.5, 0.5))
    with pytest.raises(ValueError, match="two numbers"):
        place("here")
    assert place("-3 9") == (0, 1)
