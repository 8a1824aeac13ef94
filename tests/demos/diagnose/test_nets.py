"""Diagnose's nets: calibrated answers, strangers, and test pictures that are known by their keys."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from demos._ui.nets import Net
from demos.diagnose import nets, subjects
from demos.diagnose.nets import Reading
from demos.diagnose.subjects import CELLS, MOLES, SUBJECTS, XRAYS
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
    x_3HW, truth = subjects.look_up(CELLS, "cells_cnn 5", "")
    assert truth is not None and truth.label == label_B[5] and truth.mask_HW is None and torch.equal(x_3HW, x_B3HW[5])
    key, drawn_3HW = subjects.random_test_sample(CELLS)
    assert torch.equal(subjects.look_up(CELLS, key, "")[0], drawn_3HW)


def test_a_test_mole_brings_its_outline(small_root: Path) -> None:
    _, label_B, picture_B = ph2.splits().test
    for i, k in enumerate(picture_B.tolist()):
        x_3HW, truth = subjects.look_up(MOLES, f"dermoscopy {i}", "")
        assert truth is not None and truth.label == label_B[i] and truth.mask_HW is not None
        assert torch.equal(truth.mask_HW, ph2.masks()[k]) and torch.equal(x_3HW, ph2.pictures()[0][k])


def test_what_has_no_key_of_its_own_is_read_by_its_address(small_root: Path) -> None:
    x_3HW = crc_cells.part("test")[0][5]
    address = image.to_data_url(image.from_rgb(x_3HW))
    for key in ("", "cell-large.png", "dermoscopy 3", "cells_cnn x"):
        found, truth = subjects.look_up(CELLS, key, address)
        assert truth is None and torch.equal(found, x_3HW), "the pixels alone do not make it a test picture"
    with pytest.raises(ValueError, match="no test picture 10000000"):
        subjects.look_up(CELLS, "cells_cnn 10000000", address)
    with pytest.raises(ValueError, match="no picture here"):
        subjects.look_up(CELLS, "cat.jpg", "")


def test_without_the_data_a_key_says_where_to_put_it(no_data: Path) -> None:
    with pytest.raises(DataMissing, match="put"):
        subjects.look_up(CELLS, "cells_cnn 5", CELL)


def test_the_films_of_the_examples_are_what_they_are_called(no_data: Path) -> None:
    found = subjects.examples(XRAYS)
    asked = {
        e["name"]: nets.classify(nets.active_net(XRAYS.name, None), *subjects.look_up(XRAYS, e["key"], e["src"]))
        for e in found
    }
    truth = {name: reading.truth and XRAYS.classes[reading.truth.label] for name, reading in asked.items()}
    said = {name: XRAYS.classes[int(reading.p_C.argmax())] for name, reading in asked.items()}
    assert truth["pneumonia"] == said["pneumonia"] == "pneumonia" and truth["normal"] == said["normal"] == "normal"
    assert (truth["normal, read wrong"], said["normal, read wrong"]) == ("normal", "pneumonia")
    assert (truth["pneumonia, missed"], said["pneumonia, missed"]) == ("pneumonia", "normal")
    assert asked["a close call"].p_C.max() < min(asked[name].p_C.max() for name in ("pneumonia", "normal"))
    assert asked["a cat"].unfamiliar and truth["a cat"] is None
    assert not any(reading.unfamiliar for name, reading in asked.items() if name != "a cat")


def test_drawn_examples_say_that_they_are() -> None:
    for subject in (CELLS, MOLES):
        found = subjects.examples(subject)
        assert [e["key"] for e in found] == [*subject.drawn, *subject.strangers]
        assert all(("drawn" in e["name"]) == (e["key"] in subject.drawn) for e in found)
        assert all(e["src"].startswith("data:image/png") for e in found)


def test_what_may_not_be_passed_on_is_not_here(no_data: Path) -> None:
    assert [subject.name for subject in SUBJECTS.values() if subject.here] == [XRAYS.name]


def test_a_test_film_is_at_hand_without_data(no_data: Path) -> None:
    key, x_3HW = subjects.random_test_sample(XRAYS)
    found, truth = subjects.look_up(XRAYS, key, "")
    assert torch.equal(found, x_3HW) and truth is not None and truth.label in (0, 1)
    label_B = nets.active_net(XRAYS.name, None).evidence["label"]
    assert truth.label == label_B[int(key.split()[1])], "a film has one number, here and where the net was measured"


def test_layers_are_told_in_words(net: Net[Any]) -> None:
    found = [nets.layer_words(net, layer) for layer in nets.layers(net)]
    assert found[0].startswith("layer 1 of 4 (early") and found[-1].startswith("layer 4 of 4 (late")


def test_a_picture_of_a_few_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1 × 1 pixels: too few to see a film in\. Bring one of 20 × 20"):
        XRAYS.picture(image.to_data_url(Image.new("RGB", (1, 1), "red")))


def test_what_is_no_picture_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("a text file")
    with pytest.raises(ValueError, match="not a picture that can be read"):
        subjects.upload(str(tmp_path / "notes.png"))
    Image.new("1", (30_000, 30_000)).save(tmp_path / "huge.png")
    with pytest.raises(ValueError, match="too large"):
        subjects.upload(str(tmp_path / "huge.png"))


def test_what_waits_for_a_network(checkpoints: Path) -> None:
    assert nets.untrained() == [recipe.name for recipe in nets.MEDMNIST]


def test_a_visitors_net_has_no_curves_of_the_benchmark(net: Net[Any]) -> None:
    assert nets.strangers(net) == []
    rows = nets.strangers(Net(net.recipe, net.model, {}, "shipped"))
    assert {"moles", "photographs of other things"} <= {row["against"] for row in rows}
    assert set(nets.quantized_rows()) > {"float32", "static int8"}


def picture_of(subject: subjects.Subject, address: str) -> Tensor:
    return subjects.look_up(subject, "", address)[0]


@pytest.mark.parametrize(("subject", "address"), [(CELLS, CELL), (MOLES, MOLE)], ids=["cells", "moles"])
def test_what_ships_knows_a_cat_for_a_stranger(subject: subjects.Subject, address: str, no_data: Path) -> None:
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
    readings = [nets.classify(shipped, *subjects.look_up(CELLS, f"cells_cnn {i}", "")) for i in asked]
    assert sum(reading.unfamiliar for reading in readings) <= 4
    assert all(r.truth and r.truth.label == label_B[i] for r, i in zip(readings, asked, strict=True))
