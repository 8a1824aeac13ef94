"""The Super-resolution tab without a browser: what is picked, both modes, kinds of file, nothing at hand."""

import io
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from demos import super_resolution
from demos._ui.widgets.picker import shown
from demos.super_resolution import nets, tab
from demos.super_resolution.nets import BICUBIC, EXAMPLES, OURS, RECIPES
from models import CheckpointMissing
from signals import image
from tests.demos.super_resolution.made import DRAW, noise, own
from training import DataMissing


def last(handler: Any) -> tab.Answer:
    *_, found = handler
    return found


def test_a_picture_is_shrunk_and_restored() -> None:
    found = last(tab.restore(EXAMPLES["a cat"](), tab.TEST, OURS, own()))
    assert found.work.truth.size == (450, 300) and found.result.own and "dB PSNR" in found.words
    before = nets.measure(found.work, nets.restored(found.work, BICUBIC).picture)
    assert f"{before.psnr_db:.2f}" in found.words and "your model" in found.words
    assert found.lens.props["shown"].startswith("data:image/png")
    with Image.open(found.download["value"]) as file:
        assert file.size == (450, 300) and file.format == "PNG"


def test_a_picture_is_enlarged() -> None:
    found = last(tab.restore(EXAMPLES["a cat"](), tab.TWICE, OURS, own()))
    assert found.work.truth is None and "nothing can be measured" in found.words
    assert Image.open(found.download["value"]).size == (902, 600)
    large = last(tab.restore(noise(1500, 400), tab.TWICE, OURS, own()))
    assert large.result.picture.size == (1200, 800), "a session keeps what the page shows, and the file has the rest"
    assert Image.open(large.download["value"]).size == (3000, 800)


def test_progress_is_told_before_the_answer() -> None:
    first, *_ = tab.restore(noise(400, 40), tab.TWICE, OURS, own())
    assert "33 % of the tiles are done" in first.words


def test_a_flat_picture_is_restored_exactly() -> None:
    flat = nets.Picture.of(Image.new("RGB", (40, 40), (90, 90, 90)), "flat")
    words = last(tab.restore(flat, tab.TEST, OURS, own())).words
    assert "exact" in words and "inf" not in words and "nan" not in words


# What is picked


def test_an_example_is_known_by_its_key() -> None:
    for example in tab.examples():
        found = tab.select_picture({"key": example["key"], "src": example["src"]})
        assert found.picture is EXAMPLES[example["key"]]() and "from scikit-" in found.words
        assert tab.select_picture(shown("", example["key"])).picture is found.picture, "no pixel is looked at"
    assert tab.load_examples().props["examples"] == tab.examples()
    assert tab.thumbnail().count("<img") == 2


def test_a_bare_address_is_a_picture() -> None:
    address = image.to_data_url(Image.new("RGB", (40, 30), (1, 2, 3)))
    for value in (address, shown(address), shown(address, "an example of another day")):
        found = tab.select_picture(value)
        assert found.picture.size == (40, 30) and "Your picture" in found.words
    with pytest.raises(ValueError, match="There is no picture here"):
        tab.select_picture("mine.png")
    with pytest.raises(ValueError, match="choose an example"):
        tab.select_picture(None)


def test_a_random_test_picture(small_root: Path) -> None:
    found = tab.random_test_picture()
    assert found.picker["src"].startswith("data:image/png") and "never seen in training" in found.words
    again = tab.select_picture(found.picker).picture
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


# Nothing at hand, and whose net


def test_nothing_at_hand(checkpoints: Path, no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_OFFLINE", "1")
    with pytest.raises(CheckpointMissing, match="training fit super_resolution"):
        last(tab.restore(noise(30, 30), tab.TEST, OURS, None))
    with pytest.raises(DataMissing, match="WAVELENS_DATA"):
        tab.random_test_picture()
    scores = tab.on_open(OURS)
    assert scores.table == "" and "training fit" in scores.card
    found = last(tab.restore(None, tab.TEST, OURS, None))
    assert "Choose an example" in found.words and found.work is None and found.download["interactive"] is False


def test_the_panel_trains_what_is_chosen() -> None:
    assert {r.name for r in super_resolution.demo.recipes} == {tab.recipe_of(method).name for method in RECIPES}


def test_the_endpoints_keep_their_names(checkpoints: Path, no_data: Path) -> None:
    with gr.Blocks() as blocks, gr.Tab("x") as part:
        tab.build(part)
    names = {str(event.api_name) for event in blocks.fns.values() if event.api_visibility == "public"}
    ends = ("", "_example", "_upload", "_test_picture")
    assert names == {"before_and_after", "magnify", *(f"super_resolution{end}" for end in ends)}
