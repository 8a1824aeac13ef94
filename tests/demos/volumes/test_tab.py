"""Volumes without a browser: each handler's answer, what the page is handed, and what is refused."""

import base64
from typing import Any

import gradio as gr
import nibabel.nifti1
import pytest
import torch

from demos.volumes import nets, tab, viewer
from demos.volumes.nets import CLASSES, SICK
from demos.volumes.shapes import EDGE


def first() -> Any:
    return tab.on_open(None, None)


def test_the_tab_opens_on_an_answer_and_keeps_the_one_that_is_there() -> None:
    page = first()
    assert page.reading.p == pytest.approx(nets.read(nets.net_of(None), page.given).p)
    assert f"{page.reading.p:.2f}" in page.answer
    again = tab.on_open(None, page.reading)
    assert all(value == gr.skip() for value in again)


def test_the_shape_travels_at_a_bit_a_voxel() -> None:
    page = first()
    bits = base64.b64decode(page.viewer["bits"])
    assert len(bits) == EDGE**3 // 8
    unpacked = [(bits[i >> 3] >> (i & 7)) & 1 for i in range(EDGE**3)]
    assert sum(unpacked) == page.given.voxels
    d, h, w = (page.given.x_DHW > 0).nonzero()[100].tolist()
    assert unpacked[(w * EDGE + h) * EDGE + d] == 1, "x, y, z of the page are D, H, W"


def test_heat_travels_as_shares_of_the_hottest_places_inside() -> None:
    shown = first().given
    heat_DHW = torch.zeros(EDGE, EDGE, EDGE)
    d, h, w = (shown.x_DHW > 0).nonzero()[2000].tolist()
    heat_DHW[shown.x_DHW > 0] = 1.0
    heat_DHW[d - 3 : d + 4, h - 3 : h + 4, w - 3 : w + 4] = 3.0
    heat_DHW[0, 0, 0] = 100.0  # outside, where it means nothing
    drawn = viewer.of_heat(shown, heat_DHW)
    values = torch.frombuffer(bytearray(base64.b64decode(drawn["values"])), dtype=torch.uint8)
    grid_WHD = values.view((drawn["n"],) * 3)
    assert drawn["key"] == shown.key and grid_WHD[w // 2, h // 2, d // 2] == 255 and grid_WHD[0, 0, 0] == 0


def test_a_ball_moves_the_answer_and_taking_it_back_brings_it_back() -> None:
    page = first()
    place = (page.given.x_DHW > 0).nonzero().float().mean(0).round().int().tolist()
    sent = {"key": page.given.key, "strokes": [[*place, 8, 0]]}
    rubbed = tab.rub(sent, page.given, None)
    assert rubbed.reading.volume.voxels < page.given.voxels and "→" in rubbed.answer
    back = tab.rub({"key": page.given.key, "strokes": []}, page.given, None)
    assert back.reading.p == page.reading.p and "→" not in back.answer
    late = tab.rub(sent | {"key": "another"}, page.given, None)
    assert late.reading == gr.skip() and late.answer == gr.skip()


@pytest.mark.parametrize("name", CLASSES)
def test_a_map_comes_with_its_verdict(name: str) -> None:
    looked = tab.explain(first().reading, name, nets.GRADCAM, None)
    assert looked.slices["key"] == first().given.key
    assert any(words in looked.verdict for words in ("map holds", "does not hold", "No map", "Too little to lose"))


def test_turning_size_and_seeing_less_are_answered() -> None:
    asked = tab.ask_otherwise(first().reading, None)
    assert "rotation" in asked.turned and "millilitres" in asked.by_size and "298 test glands" in asked.sizes
    for name in nets.RECIPES:
        seen = tab.show_stop(name, first().reading, None)
        assert "AUC" in seen.stops and name in seen.seen


def test_the_volume_and_its_map_are_taken_away_in_one_place() -> None:
    files = tab.export(first().reading, CLASSES[SICK], nets.GRADCAM, None)
    gland, heat = (nibabel.nifti1.Nifti1Image.from_filename(file["value"]) for file in files)
    assert gland.shape == heat.shape == (EDGE,) * 3 and (gland.affine == heat.affine).all()
    assert int((gland.get_fdata() > 0).sum()) == first().given.voxels


def test_what_was_taken_away_can_be_brought_back() -> None:
    page = first()
    files = tab.export(page.reading, CLASSES[SICK], nets.GRADCAM, None)
    again = tab.show_upload([files.gland["value"]], None)
    assert again.given.voxels == pytest.approx(page.given.voxels, rel=0.01)
    assert again.reading.p == pytest.approx(page.reading.p, abs=0.1)


def test_nothing_is_read_before_a_volume_is_there() -> None:
    for ask in (lambda: tab.explain(None, CLASSES[0], nets.GRADCAM, None), lambda: tab.ask_otherwise(None, None)):
        with pytest.raises(ValueError, match="Choose a volume first"):
            ask()
    with pytest.raises(ValueError, match="nothing to take away"):
        tab.export(None, CLASSES[0], nets.GRADCAM, None)
    with pytest.raises(ValueError, match="one of those in the row"):
        tab.show_example(None, None)
