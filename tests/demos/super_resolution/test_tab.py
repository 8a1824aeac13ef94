"""The Super-resolution tab without a browser: what is picked, both modes, kinds of file, nothing at hand."""

import io
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from demos._ui.widgets.picker import shown
from demos.super_resolution import nets, tab
from demos.super_resolution.closely import TRUTH
from demos.super_resolution.layout import RESTORE, TWICE
from demos.super_resolution.nets import BICUBIC, EXAMPLES, FIRST, OURS, RECIPES
from models import CheckpointMissing
from signals import image
from tests.demos.super_resolution.made import DRAW, noise, own


def restored(picture: nets.Picture, mode: str = RESTORE, left: str = BICUBIC) -> tab.Answer:
    return tab.restore(picture, mode, OURS, left, own())


def test_the_picture_comes_first_and_its_figures_after() -> None:
    found = restored(EXAMPLES[FIRST]())
    assert found.result.own and found.result.truth.size == (450, 300) and found.handle["size"] == [450, 300]
    assert "dB" not in found.words and "450 × 300 pixels by your model" in found.words
    following = tab.measure(found.result)
    before = nets.measure(found.result.truth, found.result.bicubic)
    assert f"against {before.psnr_db:.1f} dB" in following.words and f"{before.psnr_db:.2f}" in following.details
    assert following.lens.props["shown"].startswith("data:image/webp")


def test_a_visitors_net_is_held_against_the_shipped_one() -> None:
    found = restored(EXAMPLES[FIRST]()).result
    if found.shipped is None:
        pytest.skip("no net of super-resolution is trained")
    assert found.truth is not None
    shipped = nets.measure(found.truth, found.shipped)
    assert f"The shipped model has {shipped.psnr_db:.1f} dB" in tab.measure(found).words
    plain = tab.restore(EXAMPLES[FIRST](), RESTORE, OURS, BICUBIC, None).result
    assert plain.shipped is None and np.array_equal(plain.picture.x_3HW, found.shipped.x_3HW)


def test_a_picture_is_enlarged_and_its_truth_is_no_choice() -> None:
    found = restored(EXAMPLES[FIRST](), TWICE, TRUTH)
    assert found.result.truth is None and found.left.value == BICUBIC and (TRUTH, TRUTH) not in found.left.choices
    assert found.handle["names"] == [BICUBIC, OURS] and "no truth here" in tab.measure(found.result).words


def test_of_a_large_picture_the_page_shows_a_part_and_the_file_has_the_whole() -> None:
    large = restored(noise(1500, 400), TWICE).result
    assert large.picture.size == (1200, 800) and not large.is_whole
    *steps, last = tab.save_whole(large, own())
    assert "4 % of the tiles are done" in steps[0].progress
    with Image.open(last.download["value"]) as file:
        assert file.size == (3000, 800) and file.format == "PNG"


def test_a_flat_picture_is_restored_exactly() -> None:
    flat = nets.Picture.of(Image.new("RGB", (40, 40), (90, 90, 90)), "flat")
    found = tab.measure(restored(flat).result)
    assert "Nothing is left to gain" in found.words and "exact" in found.details
    assert "inf" not in found.words + found.details and "nan" not in found.words + found.details


def test_the_tab_opens_answered() -> None:
    opened = tab.first_picture(None)
    assert opened.picture is EXAMPLES[FIRST]() and opened.picker.props["examples"] == tab.examples()
    assert "value" in tab.first_picture(noise(9, 9)).picture or tab.first_picture(noise(9, 9)).picture == gr.skip()


# What is picked


def test_an_example_is_known_by_its_key() -> None:
    for example in tab.examples():
        found = tab.select_picture({"key": example["key"], "src": example["src"]})
        assert found is EXAMPLES[example["key"]]() and "from scikit-" in found.title
        assert tab.select_picture(shown("", example["key"])) is found, "no pixel is looked at"
    assert tab.thumbnail().count("<img") == 2


def test_a_bare_address_is_a_picture() -> None:
    address = image.to_data_url(Image.new("RGB", (40, 30), (1, 2, 3)))
    for value in (address, shown(address), shown(address, "an example of another day")):
        found = tab.select_picture(value)
        assert found.size == (40, 30) and found.title == "Your picture"
    with pytest.raises(ValueError, match="There is no picture here"):
        tab.select_picture("mine.png")
    with pytest.raises(ValueError, match="choose an example"):
        tab.select_picture(None)


def test_a_random_test_picture(small_root: Path) -> None:
    found = tab.random_test_picture()
    assert found.picker["src"].startswith("data:image/webp") and "never seen in training" in found.picture.title
    again = tab.select_picture(found.picker)
    assert np.array_equal(again.x_3HW, found.picture.x_3HW), "whole, by its key, and not its small picture"


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
        found = tab.read_upload(str(tmp_path / name))
        assert (found.picture.grey, found.picture.alpha_HW is not None) == (grey, through), name
        assert found.picture.size == (24, 24) and found.picker["key"] == ""
    (tmp_path / "notes.png").write_text("a text file")
    (tmp_path / "empty.png").write_bytes(b"")
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    (tmp_path / "short.png").write_bytes(buffer.getvalue()[:-60])
    for name in ("notes.png", "empty.png", "short.png"):
        with pytest.raises(ValueError, match="picture"):
            tab.read_upload(str(tmp_path / name))


def test_of_a_large_picture_the_page_keeps_where_its_file_lies(tmp_path: Path) -> None:
    """16 million pixels with their transparency, and what they were shrunk to, are 80 MB; 200 visitors may be there."""
    path = tmp_path / "large.png"
    Image.effect_noise((1600, 1300), 60).convert("RGBA").save(path, compress_level=1)
    chosen = tab.read_upload(str(path)).picture
    assert chosen == nets.Upload(str(path), "large.png")
    found = restored(chosen).result
    shown_pictures = (found.picture, found.bicubic, found.shipped)
    planes = [plane for p in shown_pictures if p for plane in (p.x_3HW, p.alpha_HW) if plane is not None]
    assert not isinstance(found.kept, nets.Work)
    assert sum(plane.untyped_storage().nbytes() for plane in planes) < 3 * 4 * 1400 * 1000
    assert (
        found.truth.size == (1200, 800) and found.work is found.work and "<img" in tab.magnify(found, "0.5 0.5", own())
    )
    assert nets.test_work(nets.read(path)).small.size == found.work.small.size
    tab.uploaded_work.cache_clear()
    path.unlink()
    for ask in (lambda: tab.measure(found), lambda: restored(chosen)):
        with pytest.raises(ValueError, match="no longer on this server"):
            ask()


def test_a_large_picture_comes_as_a_file() -> None:
    address = image.to_data_url(Image.new("RGB", (1600, 1300)))
    with pytest.raises(ValueError, match="comes as a file: upload it"):
        tab.select_picture(address)


# Nothing at hand, and whose net


def test_nothing_at_hand(checkpoints: Path, no_data: Path) -> None:
    with pytest.raises(CheckpointMissing, match="training fit super_resolution"):
        tab.restore(noise(30, 30), RESTORE, OURS, BICUBIC, None)
    with pytest.raises(ValueError, match="No test pictures"):
        tab.random_test_picture()
    scores = tab.on_open(OURS)
    assert scores.table == "" and "training fit" in scores.card
    with pytest.raises(ValueError, match="choose an example"):
        tab.restore(None, RESTORE, OURS, BICUBIC, None)


def test_the_panel_trains_what_is_chosen(no_data: Path) -> None:
    assert {tab.recipe_of(method).name for method in RECIPES if method != nets.PERCEPTUAL} == {
        "super_resolution",
        "srcnn",
    }
    with pytest.raises(ValueError, match="weights are not on this machine"):
        tab.recipe_of(nets.PERCEPTUAL)


def test_the_endpoints_keep_their_names(checkpoints: Path, no_data: Path) -> None:
    with gr.Blocks() as blocks, gr.Tab("x") as part:
        tab.build(part)
    names = {str(event.api_name) for event in blocks.fns.values() if event.api_visibility == "public"}
    ends = ("", "_example", "_file", "_upload", "_test_picture")
    assert names == {"before_and_after", "magnify", *(f"super_resolution{end}" for end in ends)}
