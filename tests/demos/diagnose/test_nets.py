"""Diagnose's nets: calibrated answers, strangers, and test pictures that are known by their keys."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from demos._ui.nets import Net
from demos.diagnose import nets
from demos.diagnose.nets import CELLS, MOLES, SUBJECTS, Reading
from signals import image
from tests.demos.diagnose.conftest import CAT, CELL, MOLE
from training import DataMissing
from training.data import crc_cells, ph2
from training.data._root import root


def test_a_reading_is_calibrated(net: Net[Any], reading: Reading) -> None:
    assert reading.p_C.sum().item() == pytest.approx(1) and reading.subject == CELLS.name
    logits = net.model(reading.unit)[0]
    assert torch.allclose(reading.p_C, (logits / net.evidence["temperature"]).softmax(0))


def test_layers_go_from_early_to_late(net: Net[Any]) -> None:
    found = nets.layers(net)
    assert [nets.layer_at(net, depth) for depth in (-3, 1, 2, 99)] == [found[0], found[0], found[1], found[-1]]


def test_the_class_of_the_other_subject_is_the_first(net: Net[Any]) -> None:
    assert nets.target_of(net, "epithelial") == 2 and nets.target_of(net, "melanoma") == 0


def test_a_stranger_is_noticed(net: Net[Any]) -> None:
    assert not nets.classify(net, crc_cells.part("test")[0][0]).unfamiliar
    assert nets.classify(net, torch.zeros(3, 27, 27, dtype=torch.uint8)).unfamiliar


def test_a_test_cell_is_known_by_its_key(small_root: Path) -> None:
    x_B3HW, label_B, _ = crc_cells.part("test")
    x_3HW, truth = nets.look_up(CELLS, "cells_cnn 5", "")
    assert truth is not None and truth.label == label_B[5] and truth.mask_HW is None and torch.equal(x_3HW, x_B3HW[5])
    key, drawn_3HW = nets.random_test_sample(CELLS)
    assert torch.equal(nets.look_up(CELLS, key, "")[0], drawn_3HW)


def test_a_test_mole_brings_its_outline(small_root: Path) -> None:
    _, label_B, picture_B = ph2.splits().test
    for i, k in enumerate(picture_B.tolist()):
        x_3HW, truth = nets.look_up(MOLES, f"dermoscopy {i}", "")
        assert truth is not None and truth.label == label_B[i] and truth.mask_HW is not None
        assert torch.equal(truth.mask_HW, ph2.masks()[k]) and torch.equal(x_3HW, ph2.pictures()[0][k])


def test_what_has_no_key_of_its_own_is_read_by_its_address(small_root: Path) -> None:
    x_3HW = crc_cells.part("test")[0][5]
    address = image.to_data_url(image.from_rgb(x_3HW))
    for key in ("", "cell-large.png", "dermoscopy 3", "cells_cnn x"):
        found, truth = nets.look_up(CELLS, key, address)
        assert truth is None and torch.equal(found, x_3HW), "the pixels alone do not make it a test picture"
    with pytest.raises(ValueError, match="no test picture 10000000"):
        nets.look_up(CELLS, "cells_cnn 10000000", address)
    with pytest.raises(ValueError, match="no picture here"):
        nets.look_up(CELLS, "cat.jpg", "")


def test_without_the_data_a_key_says_where_to_put_it(no_data: Path) -> None:
    with pytest.raises(DataMissing, match="put"):
        nets.look_up(CELLS, "cells_cnn 5", CELL)


def test_the_examples_have_names_and_keys() -> None:
    for subject in SUBJECTS.values():
        found = nets.examples(subject)
        assert len(found) == 5 and [e["key"] for e in found] == list(subject.examples)
        assert all(e["src"].startswith("data:image/png") for e in found)
    assert {e["name"] for e in nets.examples(MOLES)} > {"mole, even, drawn", "cat"}


def test_what_is_no_picture_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("a text file")
    with pytest.raises(ValueError, match="not a picture that can be read"):
        nets.upload(str(tmp_path / "notes.png"))
    Image.new("1", (30_000, 30_000)).save(tmp_path / "huge.png")
    with pytest.raises(ValueError, match="too large"):
        nets.upload(str(tmp_path / "huge.png"))


def test_what_waits_for_a_network(checkpoints: Path) -> None:
    assert nets.untrained() == [recipe.name for recipe in nets.MEDMNIST]


def test_a_visitors_net_has_no_curves_of_the_benchmark(net: Net[Any]) -> None:
    assert nets.novelty_curves(net) == []
    curves = nets.novelty_curves(Net(net.recipe, net.model, {}, "shipped"))
    assert [curve["against"] for curve in curves] == ["moles", "photographs of other things"]
    assert set(nets.quantized_rows()) > {"float32", "static int8"}


def picture_of(subject: nets.Subject, address: str) -> Tensor:
    return nets.look_up(subject, "", address)[0]


@pytest.mark.parametrize(("subject", "address"), [(CELLS, CELL), (MOLES, MOLE)], ids=["cells", "moles"])
def test_what_ships_knows_a_cat_for_a_stranger(subject: nets.Subject, address: str, no_data: Path) -> None:
    shipped = nets.active_net(subject.name, None)
    assert shipped.evidence["confusion"].sum() == len(shipped.evidence["label"])
    assert nets.classify(shipped, picture_of(subject, address)).truth is None
    cat = nets.classify(shipped, picture_of(subject, CAT))
    assert cat.unfamiliar, f"a cat lies at {cat.distance:.2f} of {cat.threshold:.2f}"


@pytest.mark.data
def test_a_real_cell_is_familiar_and_known() -> None:
    if not (root() / "crc_cells").exists():
        pytest.skip("the cells are not below WAVELENS_DATA")
    shipped, label_B = nets.active_net(CELLS.name, None), crc_cells.part("test")[1]
    asked = range(0, 2300, 100)
    readings = [nets.classify(shipped, *nets.look_up(CELLS, f"cells_cnn {i}", "")) for i in asked]
    assert sum(reading.unfamiliar for reading in readings) <= 4
    assert all(r.truth and r.truth.label == label_B[i] for r, i in zip(readings, asked, strict=True))
