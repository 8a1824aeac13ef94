"""The Scan translation tab without a browser: what is picked and brought, both directions, nothing at hand."""

from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from demos._ui.nets import Net
from demos._ui.widgets.picker import picked, shown
from demos.translation import nets, tab
from demos.translation.layout import examples
from demos.translation.nets import (
    ABSOLUTE,
    BACK,
    DIRECTIONS,
    EXAMPLES,
    FIRST,
    SQUARED,
    STRANGER,
    STRUCTURAL,
    THERE,
    Scan,
)  # fmt: skip
from models import CheckpointMissing
from models.dense_unet import DenseUNet
from signals import image
from tests.demos.translation.known import net, oracle, own, shelve


def translate(of: Scan | None, own: Net | None, *, stops: float = 0, noise: float = 0) -> tab.Answer:
    return tab.translate_scan(of, THERE.name, SQUARED, stops, noise, own)


def test_a_scan_is_translated() -> None:
    of = nets.example(FIRST)
    found = translate(of, oracle(of))
    assert found.made.net.own and found.made.error.max() == 0
    assert "your model" in found.text and found.text.count("<figure") == 4
    assert found.text.index("<figure") < found.text.index("closer to the truth") < found.text.index("<table")


def test_the_sliders_expose_the_scan_anew() -> None:
    found = translate(nets.example(FIRST), net(), stops=1, noise=15)
    assert not torch.equal(found.made.input_HW, nets.example(FIRST).source["pre_contrast"])
    assert found.made.clean_HW is not None and "before the sliders" in found.text


def test_the_shipped_nets_answer_in_both_directions(checkpoints: Path) -> None:
    shelve(SQUARED)
    shelve(SQUARED, BACK)
    found = tab.translate_scan(nets.example(FIRST), BACK.name, STRUCTURAL, 0, 0, None)
    assert found.made.loss == SQUARED and not found.made.net.own
    assert "the shipped model, learnt by squared error" in found.text
    assert "Input: FLAIR" in found.text and "Truth: pre-contrast" in found.text
    quality = tab.on_open(THERE.name, SQUARED)
    assert "<td>12.34</td>" in quality.nets and "fit mri_dense_unet_ssim" in quality.nets


def test_a_visitors_net_stands_beside_the_shipped_one(checkpoints: Path) -> None:
    shelve(SQUARED)
    found = translate(nets.example(FIRST), net())
    assert found.made.shipped_HW is not None and "The shipped model: " in found.text
    assert "Your model is" in found.text


def test_a_net_of_another_loss_does_not_answer(checkpoints: Path) -> None:
    shelve(SQUARED)
    other = net(loss=ABSOLUTE)
    assert not translate(nets.example(FIRST), other).made.net.own
    found = tab.translate_scan(nets.example(FIRST), THERE.name, ABSOLUTE, 0, 0, other)
    assert found.made.net is other and "your model, learnt by absolute error" in found.text


def test_without_a_checkpoint(checkpoints: Path) -> None:
    found = translate(nets.example(FIRST), None)
    assert "python -m training fit mri_dense_unet" in found.text and found.made is None
    assert tab.explain(found.made) == ("", "")
    quality = tab.on_open(BACK.name, ABSOLUTE)
    assert quality.nets.count("python -m training fit") == 5 and "fit mri_dense_unet_back" in quality.card


def test_the_tab_opens_answered(no_data: Path) -> None:
    found = tab.first_scan(None, THERE.name)
    assert found.scan is nets.example(FIRST) and [e["key"] for e in found.picker.props["examples"]] == [
        *EXAMPLES,
        STRANGER,
    ]
    assert tab.first_scan(nets.example(STRANGER), THERE.name).scan == gr.skip()


def test_a_stranger_is_warned_of_before_the_answer() -> None:
    try:
        Net.pretrained(THERE.recipe(THERE.lead))
    except CheckpointMissing as error:
        pytest.skip(str(error))
    found = tab.translate_scan(nets.example(STRANGER), THERE.name, THERE.lead, 0, 0, None)
    assert found.made.is_stranger and found.text.index("no brain scan") < found.text.index("<figure")
    assert "closer" not in found.text and "<table" not in found.text
    assert "nothing is explained" in tab.explain(found.made).lesion
    assert not translate(nets.example(FIRST), None).made.is_stranger


# What is picked


@pytest.mark.parametrize("direction", DIRECTIONS.values(), ids=lambda d: d.target)
def test_an_example_is_known_by_its_key(direction: nets.Direction) -> None:
    for example in examples(direction):
        found = tab.select_scan({"key": example["key"], "src": example["src"]})
        assert found is nets.example(example["key"])
        assert tab.select_scan(shown("", example["key"])) is found, "no pixel is looked at"


def test_a_bare_address_is_a_picture_whose_truth_nobody_knows() -> None:
    address = image.to_data_url(Image.new("L", (40, 30), 90))
    for value in (address, shown(address), shown(address, "an example of another day")):
        found = tab.select_scan(value)
        assert found.origin == "uploaded" and not found.truth and found.key == ""
    with pytest.raises(ValueError, match="There is no picture here"):
        tab.select_scan("mine.png")
    for nothing in (None, ""):
        with pytest.raises(ValueError, match="choose an example"):
            tab.select_scan(nothing)


def test_the_other_direction_keeps_the_scan() -> None:
    of = nets.example(FIRST)
    found = tab.switch_direction(BACK.name, of)
    shows = picked(found.picker.value)
    assert found.scan is of and shows is not None and shows == (FIRST, nets.address(of, BACK))
    assert [value for _, value in found.loss.choices] == [SQUARED]
    assert shows.src in nets.examples(BACK).values()
    empty = tab.switch_direction(THERE.name, None)
    assert empty.loss.value == THERE.lead and len(empty.loss.choices) == 4 and empty.picker.value is None


FORMS = {
    "one.png": Image.new("RGB", (1, 1), "red"),
    "thin.png": Image.new("L", (2000, 1), 90),
    "wide.jpg": Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 1100, 3), dtype=np.uint8)),
    "alpha.png": Image.new("RGBA", (50, 40), (10, 20, 30, 90)),
    "deep.png": Image.fromarray(np.random.default_rng(0).integers(0, 65535, (37, 41), dtype=np.uint16)),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_picture_is_translated(name: str, tmp_path: Path) -> None:
    FORMS[name].save(tmp_path / name)
    choice = tab.read_upload(str(tmp_path / name), THERE.name)
    assert choice.picker["src"].startswith("data:image/png") and choice.picker["key"] == ""
    assert max(choice.scan.head_HW.shape) <= nets.LONGEST
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DenseUNet(stem=4, growth=(2, 2), layers=1).eval()
    found = translate(choice.scan, own(model), noise=3)
    assert found.made.output_HW.shape == choice.scan.head_HW.shape and found.made.output_HW.isfinite().all()
    assert found.text.count("<figure") == 2 and "nan" not in found.text
    assert ("made smaller" in found.text) == (max(FORMS[name].size) > nets.LONGEST)


def test_what_is_no_picture_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("a text file")
    with pytest.raises(ValueError, match="not a picture that can be read"):
        tab.read_upload(str(tmp_path / "notes.png"), THERE.name)


def test_a_visitor_may_bring_the_truth(tmp_path: Path) -> None:
    drawn = nets.example(FIRST)
    for key in ("pre_contrast", "flair"):
        Image.fromarray(drawn.source[key].numpy()).save(tmp_path / f"{key}.png")
    of = tab.read_upload(str(tmp_path / "pre_contrast.png"), THERE.name).scan
    both = tab.read_truth(str(tmp_path / "flair.png"), of, THERE.name)
    assert torch.equal((255 * both.truth["flair"]).round().byte(), drawn.source["flair"])
    assert torch.equal(both.head_HW, drawn.head_HW)
    found = translate(both, net())
    assert "as close to the truth as the input itself" in found.text and found.text.count("<figure") == 4
    assert "No tumour is outlined" in tab.explain(found.made).lesion
    assert not tab.switch_direction(BACK.name, both).scan.truth, "the other way round, it is no truth"
    Image.new("L", (64, 64)).save(tmp_path / "small.png")
    with pytest.raises(ValueError, match="64 × 64 pixels, and the scan 128 × 128"):
        tab.read_truth(str(tmp_path / "small.png"), of, THERE.name)
    with pytest.raises(ValueError, match="has its truth already"):
        tab.read_truth(str(tmp_path / "flair.png"), drawn, THERE.name)
    with pytest.raises(ValueError, match="Upload the scan first"):
        tab.read_truth(str(tmp_path / "flair.png"), None, THERE.name)


@pytest.mark.parametrize("root", ["small_root", "no_data"])
def test_a_random_test_slice(root: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(root)
    value, scan = tab.random_test_slice(THERE.name)
    assert scan.origin == "test" and value == shown(nets.address(scan, THERE), scan.key)
    again = tab.select_scan(value)
    assert again.name == scan.name and set(again.truth) == {"flair", "pre_contrast"}, "its truth is known by its key"


def test_the_events_are_there(checkpoints: Path, no_data: Path) -> None:
    with gr.Blocks() as blocks, gr.Tab("x") as part:
        tab.build(part)
    names = {str(event.api_name) for event in blocks.fns.values() if event.api_visibility != "private"}
    assert {"translate_scan", "upload_scan", "upload_truth", "test_slice", "memorise_scans"} <= names
    assert tab.thumbnail().count("<img") == 2
