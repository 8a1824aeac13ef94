"""A result looked at closely: two pictures of one size under the handle, spots, errors and spectra."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demos._ui.widgets.magnifier import place
from demos.super_resolution import closely, nets
from demos.super_resolution.nets import BICUBIC, EXAMPLES, OURS
from tests.demos.super_resolution.made import noise, own


def result_of(key: str) -> nets.Restored:
    return nets.restore(nets.test_work(EXAMPLES[key]()), OURS, own())


@pytest.mark.parametrize("left", closely.LEFT)
def test_before_and_after_are_of_one_size_and_shown_to_the_pixel(left: str) -> None:
    result = result_of("a page, grey")
    shown = closely.compare(result, left)
    assert shown and shown["names"] == [left, OURS] and shown["size"] == [384, 190]
    for key, wanted in {"after": result.picture, "before": result.truth if left == closely.TRUTH else None}.items():
        with Image.open(shown[key]["path"]) as file:
            assert file.format == "WEBP" and file.size == (384, 190)
            assert wanted is None or np.array_equal(np.asarray(file), np.asarray(wanted.pillow().convert("RGB")))


def test_of_what_is_enlarged_nobody_knows_the_truth() -> None:
    result = nets.restore(nets.enlarging_work(noise(40, 40), 2), OURS, own())
    with pytest.raises(ValueError, match="Nobody knows the truth"):
        closely.compare(result, closely.TRUTH)
    found = closely.analyse(result)
    assert "Without a truth" in found.errors and found.spectrum.count("<polyline") == 2


def test_errors_and_spectra() -> None:
    found = closely.analyse(result_of("a cat"))
    assert found.errors.count("<figure>") == 2 and found.spectrum.count("<polyline") == 3 and "%" in found.spectrum


def test_the_lens_begins_where_the_net_differs_most() -> None:
    flat = nets.Picture.of(Image.new("RGB", (400, 400), (90, 90, 90)), "flat")
    flat.x_3HW[:, 300:340, 60:100] = noise(40, 40).x_3HW
    lens = closely.lens_of(nets.restore(nets.test_work(flat), OURS, own()))
    assert place(lens.value) == pytest.approx((0.2, 0.8), abs=0.08)
    assert lens.props["frame"] == pytest.approx([nets.SPOT / 200, nets.SPOT / 200])


def test_a_spot_by_what_there_is(checkpoints: Path) -> None:
    result = nets.restore(nets.test_work(noise(30, 30)), BICUBIC)
    assert closely.magnify(result, "0.1 0.9", None).count("<figure>") == 3, "small, bicubic and truth remain"
    assert closely.magnify(result, "0.1 0.9", own()).count("<figure>") == 4


def test_nothing_yet() -> None:
    assert closely.compare(None, BICUBIC) is None and closely.magnify(None, None, None) == ""
    assert closely.analyse(None).errors == ""


@pytest.mark.parametrize("value", ["", None, "0.2 0.7"])
def test_the_magnifiers_place(value: str | None) -> None:
    assert place(value) == ((0.2, 0.7) if value else (0.5, 0.5))
    assert place("-3 9") == (0, 1)


@pytest.mark.parametrize("value", ["here", "nan nan", "0.5", "1 2 3", {"x": 1}, [0.5, 0.5], 7])
def test_a_place_that_is_none_is_told(value: Any) -> None:
    with pytest.raises(ValueError, match="not two numbers: move its frame"):
        place(value)
