"""Pictures at the work bench: kinds, tiles, parts, measures, sizes, and what there is to choose from."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from demos.super_resolution import nets
from demos.super_resolution.nets import BICUBIC, EXAMPLES, METHODS, OURS, RECIPES, Picture, Window
from models import CheckpointMissing
from signals import image
from tests.demos.super_resolution.made import noise, own


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("factor", [2, 4])
def test_grey_and_transparency_survive(mode: str, factor: int) -> None:
    picture = noise(31, 22, mode)
    enlarged = nets.enlarged(nets.enlarging_work(picture, factor), OURS, own()).pillow()
    assert enlarged.mode == mode and enlarged.size == (31 * factor, 22 * factor)
    if "A" in mode:
        wanted = picture.pillow().getchannel("A").resize(enlarged.size, Image.Resampling.BICUBIC)
        assert np.array_equal(np.asarray(enlarged.getchannel("A")), np.asarray(wanted))


@pytest.mark.parametrize(("mode", "bytes_a_pixel"), [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)])
def test_a_picture_is_held_in_no_more_bytes_than_it_has(mode: str, bytes_a_pixel: int) -> None:
    held = noise(310, 220, mode)
    planes = [held.x_3HW, *([] if held.alpha_HW is None else [held.alpha_HW])]
    assert sum(plane.untyped_storage().nbytes() for plane in planes) == bytes_a_pixel * 310 * 220
    opaque = Picture.of(Image.new("RGBA", (310, 220), (1, 2, 3, 255)), "")
    assert opaque.alpha_HW is not None and opaque.alpha_HW.untyped_storage().nbytes() == 1
    assert opaque.pillow().getpixel((9, 9)) == (1, 2, 3, 255)


def test_tiles_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    work = nets.enlarging_work(noise(70, 45), 2)
    whole = nets.enlarged(work, OURS, own()).x_3HW
    monkeypatch.setattr(nets, "TILE", 16)
    steps = list(nets.enlarge(work, OURS, own()))
    tiled = steps[-1]
    assert isinstance(tiled, Picture) and len(steps) == 16, "5 × 3 tiles and the result"
    assert (tiled.x_3HW.int() - whole.int()).abs().max() <= 1, "one grey level of rounding at most"
    shares = [s for s in steps if isinstance(s, float)]
    assert shares == sorted(shares) and shares[-1] == 1


def test_a_part_is_cut_from_what_the_whole_would_be() -> None:
    work = nets.enlarging_work(noise(90, 60), 4)
    whole = nets.enlarged(work, OURS, own())
    for part in (Window(slice(20, 40), slice(50, 90)), Window(slice(0, 5), slice(0, 5))):
        found = nets.restore_window(work, part, OURS, own())
        wanted = nets.crop(whole, part, scale=4)
        assert found.size == wanted.size
        assert (found.x_3HW.int() - wanted.x_3HW.int()).abs().max() <= 1


def test_a_spot_stays_inside() -> None:
    work = nets.enlarging_work(noise(100, 30), 2)
    for at in ((0.0, 0.0), (1.0, 1.0), (0.5, 0.5)):
        rows, columns = nets.spot_window(work, at)
        assert (rows.start, rows.stop) == (0, 30) and columns.stop - columns.start == nets.SPOT
        assert columns.start >= 0 and columns.stop <= 100


def test_the_test_knows_the_truth_and_enlarging_does_not() -> None:
    cat = EXAMPLES["a cat"]()
    work = nets.test_work(cat)
    assert work.truth is not None and work.truth.size == (450, 300) and work.small.size == (225, 150)
    assert 34 < nets.measure(work.truth, nets.enlarged(work, BICUBIC)).psnr_db < 37
    assert nets.enlarging_work(cat, 2).truth is None


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (15, 200), (2, 3)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="too small to be tested"):
        nets.test_work(noise(*size))
    for factor in (2, 4):
        result = nets.restore(nets.enlarging_work(noise(*size), factor), OURS, own())
        assert result.picture.size == (factor * size[0], factor * size[1])
        part = nets.spot_window(result.work, (0.5, 0.5))
        assert all(min(p.size) for p in _at(result.work, part))


def _at(work: Any, part: Window) -> list[Picture]:
    return [nets.crop(work.small, part), nets.restore_window(work, part, OURS, own())]


def test_what_would_be_too_large_is_refused_before_any_work() -> None:
    huge = Picture(torch.zeros(1, dtype=torch.uint8).expand(3, 2100, 2000), None, False, "huge")
    with pytest.raises(ValueError, match="too many for × 4"):
        nets.enlarging_work(huge, 4)
    assert nets.enlarging_work(huge, 2).factor == 2


def test_only_what_is_shown_is_worked_on_and_it_is_the_whole_pictures_middle() -> None:
    large = nets.restore(nets.test_work(noise(1600, 200)), OURS, own())
    assert large.picture.size == (1200, 200) == (large.truth and large.truth.size) and not large.is_whole
    whole = nets.enlarged(large.work, OURS, own())
    cut = nets.crop(whole, large.part, scale=2)
    assert (cut.x_3HW.int() - large.picture.x_3HW.int()).abs().max() <= 1, "one grey level of rounding at most"
    assert nets.restore(nets.test_work(noise(60, 40)), BICUBIC).is_whole


def test_no_error_is_the_floor() -> None:
    work = nets.test_work(EXAMPLES["a cat"]())
    assert work.truth is not None
    assert (nets.errors_db(work.truth, work.truth) == -60).all()


def test_what_a_visitor_trained_stands_in_for_its_kind() -> None:
    mine = own()
    assert nets.enlarger(OURS, mine).enlarge is mine.model and nets.enlarger(OURS, mine).own
    assert nets.enlarger(BICUBIC, mine).radius == 2 and not nets.enlarger(BICUBIC, mine).own
    result = nets.restore(nets.enlarging_work(noise(20, 20), 2), OURS, mine)
    assert result.own and result.method == OURS


def test_measures_are_scikit_images() -> None:
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    from signals.luma import broadcast_luma

    work = nets.test_work(EXAMPLES["a cat"]())
    assert work.truth is not None
    bicubic = nets.enlarged(work, BICUBIC)
    a, b = (broadcast_luma(p.x_3HW[None])[0, 2:-2, 2:-2].numpy() for p in (work.truth, bicubic))
    found = nets.measure(work.truth, bicubic)
    assert found.psnr_db == pytest.approx(peak_signal_noise_ratio(a, b, data_range=255))
    whole = structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )  # fmt: skip
    assert found.ssim == pytest.approx(whole, abs=1e-6)
    assert image.MAX_PIXELS * 4 == nets.LARGEST_RESULT


# What there is to choose from


def test_examples_come_from_installed_packages() -> None:
    assert len(EXAMPLES) >= 3
    assert EXAMPLES["a page, grey"]().grey and EXAMPLES["a logo, transparent"]().alpha_HW is not None
    assert list(nets.example_thumbnails()) == list(EXAMPLES)
    for key in EXAMPLES:
        assert nets.known(key) is EXAMPLES[key]()


def test_a_test_picture_is_known_by_its_key(small_root: Path) -> None:
    keys = [nets.key_of(path) for path in nets.test_pictures()]
    assert len(set(keys)) == len(keys)
    for key, path in zip(keys, nets.test_pictures(), strict=True):
        found = nets.known(key)
        assert found is not None and torch.equal(found.x_3HW, nets.read(path).x_3HW)
        assert path.name in found.title and "never seen in training" in found.title


def test_nothing_at_hand(checkpoints: Path, no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_OFFLINE", "1")
    with pytest.raises(CheckpointMissing, match="training fit super_resolution"):
        nets.enlarger(OURS, None)
    assert nets.test_pictures() == [] and nets.usual_gains().numel() == 0
    work = nets.test_work(noise(30, 30))
    found = [method for method, _ in nets.spot_by_method(work, nets.spot_window(work, (0.1, 0.9)), None)]
    assert found == ["Small pixels", BICUBIC, "Truth"]
    assert nets.feature_net() is None and nets.scores_on_test_sets() == {} and nets.known("Set5/baby.png") is None


def test_every_shipped_net_stands_beside_bicubic() -> None:
    found = nets.scores_on_test_sets()
    if not found:
        pytest.skip("no net of super-resolution is trained")
    assert list(found) == [method for method in METHODS if method in found] and found[BICUBIC].parameters is None
    for method in set(found) & set(RECIPES):
        assert found[method].parameters and found[method].metrics["psnr_db"] > found[BICUBIC].metrics["psnr_db"]
