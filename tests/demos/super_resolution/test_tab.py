"""The Super-resolution tab without a browser: both modes, tiles, kinds of picture, bad files, nothing at hand."""

import io
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from demos import super_resolution
from demos._ui.widgets.magnifier import place
from demos.super_resolution import nets, tab
from demos.super_resolution.figures import errors_text, readout, scores_text
from demos.super_resolution.nets import BICUBIC, EXAMPLES, NETS, OURS, Own, Picture, Restored, Window
from models._checkpoint import CheckpointMissing
from models.super_resolution import SubPixelNet
from signals import image
from training.data._root import DataMissing

DRAW = np.random.default_rng(0)


def noise(width: int, height: int, mode: str = "RGB") -> Picture:
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = DRAW.integers(0, 255, (height, width, channels), dtype=np.uint8)
    return Picture.of(Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode), "noise")


def own() -> Own:
    """A net of the shipped kind with random weights, so that nothing here depends on what was trained."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = SubPixelNet(channels=6, pairs=2)
        torch.nn.init.normal_(net.head.weight, std=0.05)
    return Own(net.eval(), OURS)


def last(handler: Any) -> Any:
    *_, found = handler
    return found


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("factor", [2, 4])
def test_grey_and_transparency_survive(mode: str, factor: int) -> None:
    picture = noise(31, 22, mode)
    result = nets.finished(nets.enlarging_work(picture, factor), OURS, own())
    enlarged = result.picture.pillow()
    assert enlarged.mode == mode and enlarged.size == (31 * factor, 22 * factor)
    if "A" in mode:
        wanted = picture.pillow().getchannel("A").resize(enlarged.size, Image.Resampling.BICUBIC)
        assert np.array_equal(np.asarray(enlarged.getchannel("A")), np.asarray(wanted))


def test_tiles_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    work = nets.enlarging_work(noise(70, 45), 2)
    whole = nets.finished(work, OURS, own()).picture.x_3HW
    monkeypatch.setattr(nets, "TILE", 16)
    steps = list(nets.restore(work, OURS, own()))
    tiled = steps[-1]
    assert isinstance(tiled, Restored) and len(steps) == 16, "5 × 3 tiles and the result"
    assert (tiled.picture.x_3HW.int() - whole.int()).abs().max() <= 1, "one grey level of rounding at most"
    shares = [s for s in steps if isinstance(s, float)]
    assert shares == sorted(shares) and shares[-1] == 1


def test_a_part_is_cut_from_what_the_whole_would_be() -> None:
    work = nets.enlarging_work(noise(90, 60), 4)
    whole = nets.finished(work, OURS, own()).picture
    for part in (Window(slice(20, 40), slice(50, 90)), Window(slice(0, 5), slice(0, 5))):
        found = nets.by(OURS, work, part, own())
        wanted = nets.cut(whole, part, scale=4)
        assert found.size == wanted.size
        assert (found.x_3HW.int() - wanted.x_3HW.int()).abs().max() <= 1


def test_a_spot_stays_inside() -> None:
    work = nets.enlarging_work(noise(100, 30), 2)
    for at in ((0.0, 0.0), (1.0, 1.0), (0.5, 0.5)):
        rows, columns = nets.spot(work, at)
        assert (rows.start, rows.stop) == (0, 30) and columns.stop - columns.start == nets.SPOT
        assert columns.start >= 0 and columns.stop <= 100


def test_the_test_knows_the_truth_and_enlarging_does_not() -> None:
    cat = EXAMPLES["a cat"]()
    text, work, result, lens, file = last(tab.restore(cat, tab.TEST, OURS, own()))
    assert work.truth.size == (450, 300) and work.small.size == (225, 150) and "dB PSNR" in text
    before = nets.figures(work, nets.finished(work, BICUBIC).picture)
    assert 34 < before.psnr_db < 37 and f"{before.psnr_db:.2f}" in text
    assert lens.props["shown"].startswith("data:image/png") and Image.open(file["value"]).size == (450, 300)
    assert Image.open(file["value"]).format == "PNG"
    text, work, result, _, file = last(tab.restore(cat, tab.TWICE, OURS, own()))
    assert work.truth is None and "nothing can be measured" in text and Image.open(file["value"]).size == (902, 600)
    with pytest.raises(ValueError, match="Nobody knows the truth"):
        tab.compare(work, result, tab.TRUTH)


@pytest.mark.parametrize("left", [BICUBIC, tab.PIXELS, tab.TRUTH])
def test_before_and_after_are_of_one_size(left: str) -> None:
    _, work, result, *_ = last(tab.restore(EXAMPLES["a page, grey"](), tab.TEST, OURS, own()))
    shown = tab.compare(work, result, left)
    before, after = shown["value"]
    assert before.size == after.size == (384, 190) and shown["label"] == f"{left} | {OURS}"
    slider = gr.ImageSlider(format="png", image_mode=None)
    kept = slider.postprocess((before, after))
    assert kept is not None and kept.root is not None
    for part, wanted in zip(kept.root, (before, after), strict=True):
        assert part is not None and part.path is not None
        with Image.open(part.path) as file:
            assert file.format == "PNG" and np.array_equal(np.asarray(file), np.asarray(wanted)), "to the pixel"


def test_the_page_carries_the_middle_of_a_large_result() -> None:
    _, _, result, *_ = last(tab.restore(noise(1500, 400), tab.TWICE, OURS, own()))
    assert result.picture.size == (1200, 800), "a session keeps what the page shows, and the file has the rest"


def test_errors_and_spectra() -> None:
    work = nets.test_work(EXAMPLES["a cat"]())
    assert work.truth is not None
    assert (nets.errors_db(work, work.truth) == -60).all(), "no error is the floor"
    result = nets.finished(work, OURS, own())
    maps, figure, regained = tab.analyse(work, result)
    assert maps.count("<figure>") == 2 and "dB" in maps
    assert [trace.name for trace in figure.data] == ["Truth", BICUBIC, OURS] and "%" in regained
    off = work.truth.x_3HW.clone()
    off[:, 0, 0] = 255 - off[:, 0, 0]
    assert "0.0 %" in errors_text([("x", nets.errors_db(work, work.truth.with_pixels(off)))])
    free = nets.enlarging_work(noise(40, 40), 2)
    text, figure, _ = tab.analyse(free, nets.finished(free, OURS, own()))
    assert "Without a truth" in text and len(figure.data) == 2


def test_an_exact_copy_is_exact() -> None:
    flat = Picture.of(Image.new("RGB", (40, 40), (90, 90, 90)), "flat")
    text = last(tab.restore(flat, tab.TEST, OURS, own()))[0]
    assert "exact" in text and "inf" not in text and "nan" not in text


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (15, 200), (2, 3)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="too small to be tested"):
        nets.test_work(noise(*size))
    for factor in (2, 4):
        result = nets.finished(nets.enlarging_work(noise(*size), factor), OURS, own())
        assert result.picture.size == (factor * size[0], factor * size[1])
        part = nets.spot(result.work, (0.5, 0.5))
        assert all(min(p.size) for _, p in zip("abc", _shown(result.work, part), strict=False))


def _shown(work: Any, part: Window) -> list[Picture]:
    return [nets.cut(work.small, part), nets.by(OURS, work, part, own())]


def test_what_would_be_too_large_is_refused_before_any_work() -> None:
    huge = Picture(torch.zeros(1, dtype=torch.uint8).expand(3, 2100, 2000), None, False, "huge")
    with pytest.raises(ValueError, match="too many for × 4"):
        nets.enlarging_work(huge, 4)
    assert nets.enlarging_work(huge, 2).factor == 2


def test_files_of_every_kind(tmp_path: Path) -> None:
    small = Image.fromarray(DRAW.integers(0, 255, (24, 24, 3), dtype=np.uint8))
    small.convert("CMYK").save(tmp_path / "cmyk.jpg")
    small.save(tmp_path / "animated.gif", save_all=True, append_images=[small.rotate(90)])
    Image.fromarray(DRAW.integers(0, 65535, (24, 24), dtype=np.uint16)).save(tmp_path / "deep.png")
    small.convert("P").save(tmp_path / "palette.png", transparency=0)
    for name, (grey, through) in {
        "cmyk.jpg": (False, False), "animated.gif": (False, False), "deep.png": (True, False),
        "palette.png": (False, True),
    }.items():  # fmt: skip
        picture = tab.uploaded(str(tmp_path / name))[2]
        assert (picture.grey, picture.alpha_HW is not None) == (grey, through), name
        assert picture.size == (24, 24)
    (tmp_path / "notes.png").write_text("a text file")
    (tmp_path / "empty.png").write_bytes(b"")
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    (tmp_path / "short.png").write_bytes(buffer.getvalue()[:-60])
    for name in ("notes.png", "empty.png", "short.png"):
        with pytest.raises(ValueError, match="picture"):
            tab.uploaded(str(tmp_path / name))


def test_examples_come_from_installed_packages() -> None:
    assert len(EXAMPLES) >= 3
    assert EXAMPLES["a page, grey"]().grey and EXAMPLES["a logo, transparent"]().alpha_HW is not None
    shown = tab.examples()
    text, picture = tab.chosen(shown[0]["src"])
    assert "scikit-image" in text and picture.title == EXAMPLES[shown[0]["name"]]().title
    with pytest.raises(ValueError, match="reload"):
        tab.chosen("data:image/png;base64,AAAA")
    assert tab.thumbnail().count("<img") == 2


def test_nothing_at_hand(checkpoints: Path, no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_OFFLINE", "1")
    with pytest.raises(CheckpointMissing, match="training fit super_resolution"):
        last(tab.restore(noise(30, 30), tab.TEST, OURS, None))
    with pytest.raises(DataMissing, match="WAVELENS_DATA"):
        tab.another()
    work = nets.test_work(noise(30, 30))
    assert tab.magnify(work, "0.1 0.9", None).count("<figure>") == 3, "small, bicubic and truth remain"
    assert nets.judging() is None
    assert scores_text() == "" and "training fit" in tab.opened(OURS)[1]
    assert tab.magnify(None, None, None) and tab.compare(None, None, BICUBIC) is None
    assert "Choose an example" in last(tab.restore(None, tab.TEST, OURS, None))[0]


def test_what_a_visitor_trained_stands_in_for_its_kind() -> None:
    mine = own()
    assert nets.net(OURS, mine)[0] is mine.model
    assert nets.net(BICUBIC, mine)[1] == 2
    work = nets.enlarging_work(noise(20, 20), 2)
    result = nets.finished(work, OURS, mine)
    assert "your model" in readout(result, None, None, own=True)
    assert {r.name for r in super_resolution.demo.recipes} == {tab.recipe_of(t).name for t in NETS}


@pytest.mark.parametrize("value", ["", None, "0.2 0.7"])
def test_the_magnifiers_place(value: str | None) -> None:
    assert place(value) == ((0.2, 0.7) if value else (0.5, 0.5))
    with pytest.raises(ValueError, match="two numbers"):
        place("here")
    assert place("-3 9") == (0, 1)


def test_measures_are_scikit_images() -> None:
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    from signals.luma import broadcast_luma

    work = nets.test_work(EXAMPLES["a cat"]())
    assert work.truth is not None
    bicubic = nets.finished(work, BICUBIC).picture
    a, b = (broadcast_luma(p.x_3HW[None])[0, 2:-2, 2:-2].numpy() for p in (work.truth, bicubic))
    found = nets.figures(work, bicubic)
    assert found.psnr_db == pytest.approx(peak_signal_noise_ratio(a, b, data_range=255))
    whole = structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )  # fmt: skip
    assert found.ssim == pytest.approx(whole, abs=1e-6)
    assert image.MAX_PIXELS * 4 == nets.LARGEST_RESULT
