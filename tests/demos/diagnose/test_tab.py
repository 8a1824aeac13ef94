"""The Diagnose tab without a browser: readings, maps, strangers, and what is said when everything is missing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from demos.diagnose import nets, tab
from demos.diagnose.figures import heat_picture, outline_picture, verdict_text, viridis
from demos.diagnose.nets import CELLS, GRADCAM, METHODS, MOLES, SUBJECTS, Net, Reading, Truth, Verdict, uploaded
from models.backbone import Backbone
from models.cnn import CNN
from signals import image
from training._run import Run
from training.data import crc_cells
from training.data._root import DataMissing, root

CELL, MOLE, CAT = (nets.example(file) for file in ("cell-large.png", "mole-ragged.jpg", "cat.jpg"))
BOTH = pytest.mark.parametrize(("subject", "address"), [(CELLS, CELL), (MOLES, MOLE)], ids=["cells", "moles"])


def small(subject: nets.Subject) -> Net:
    """A net of the subject's kind with random weights and the evidence that a fresh one would have."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: Any = (
            CNN(inputs=3, channels=(8, 16), classes=4)
            if subject is CELLS
            else Backbone(name="squeezenet1_0", classes=3, frozen=7)
        )
    net = Net(subject, model.eval(), {}, own=True)
    recipe = subject.recipe
    splits = recipe.data()
    assert recipe.evidence is not None
    return replace(net, evidence=recipe.evidence(model, splits))


@pytest.fixture
def by_subject(small_root: Path) -> dict[str, Net]:
    return {subject.name: small(subject) for subject in (CELLS,)}


def read(net: Net, address: str) -> Reading:
    return nets.read(net, net.subject.picture(address))


def test_a_reading_is_calibrated_and_told(by_subject: dict[str, Net]) -> None:
    net = by_subject[CELLS.name]
    text, classes, reading, _ = tab.answer(CELLS.name, CELL, net)
    assert reading is not None and reading.p_C.sum().item() == pytest.approx(1)
    best = CELLS.classes[int(reading.p_C.argmax())]
    assert f"<h3>{best}</h3>" in text and classes["value"] == best
    assert "Not a medical device" in text and "your model" in text
    logits = net.model(reading.unit)[0]
    assert torch.allclose(reading.p_C, (logits / net.temperature).softmax(0))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_map_and_a_verdict(method: str, by_subject: dict[str, Net]) -> None:
    net = by_subject[CELLS.name]
    reading = read(net, CELL)
    heat = nets.heat(net, net.model, reading.unit, 1, net.layers[-1], method)
    assert heat.shape == (27, 27) and heat.min() >= 0 and torch.isfinite(heat).all()
    text = tab.explain(reading, CELLS.classes[1], 9, method, net)
    assert method in text and "wl-verdict" in text and text.count("wl-under") == 2
    assert "elsewhere" in text or "map is empty" in text


def test_layers_go_from_early_to_late(by_subject: dict[str, Net]) -> None:
    net = by_subject[CELLS.name]
    assert [tab.layer_at(net, depth) for depth in (-3, 1, 2, 99)] == [
        net.layers[0], net.layers[0], net.layers[1], net.layers[-1],
    ]  # fmt: skip
    maps = {tab.explain(read(net, CELL), CELLS.classes[0], d, GRADCAM, net) for d in (1, 4)}
    assert len(maps) == 2


def test_the_weights_check_goes_through_every_stage(by_subject: dict[str, Net]) -> None:
    net = by_subject[CELLS.name]
    before = [p.clone() for p in net.model.parameters()]
    shown = list(tab.check(read(net, CELL), CELLS.classes[0], 9, GRADCAM, net))
    assert len(shown) == len(net.layers) + 2
    assert shown[0].count("wl-over") == 1 and "head reset" in shown[0]
    assert "melt" in shown[-1] and "Deletion, hottest first" in shown[-1]
    assert all(torch.equal(a, b) for a, b in zip(before, net.model.parameters(), strict=True)), "only a copy forgets"


def test_fewer_bits_read_nearly_alike(by_subject: dict[str, Net]) -> None:
    net = by_subject[CELLS.name]
    reading = read(net, CELL)
    forms = nets.roundings(net)
    assert list(forms) == ["float32", "dynamic int8", "static int8"]
    with torch.no_grad():
        p = {kind: net.probabilities(reading.unit, model)[0] for kind, model in forms.items()}
    assert all((p[kind] - p["float32"]).abs().max() < 0.02 for kind in p)
    assert tab.smaller(reading, CELLS.classes[0], 9, net).count("wl-over") == 3
    assert "Choose a colon cell" in tab.smaller(None, CELLS.classes[0], 9, net)


def test_a_stranger_is_told_so(by_subject: dict[str, Net]) -> None:
    net = by_subject[CELLS.name]
    own = crc_cells.part("test")[0][0]
    assert not nets.read(net, own).unfamiliar
    black = nets.read(net, torch.zeros(3, 27, 27, dtype=torch.uint8))
    assert black.unfamiliar and "does not look like my training data" in tab.familiar_text(black)


def test_a_test_picture_is_recognised_by_its_pixels(by_subject: dict[str, Net]) -> None:
    x, label, _ = crc_cells.part("test")
    text, _, reading, _ = tab.answer(CELLS.name, image.to_data_url(image.from_rgb(x[5])), by_subject[CELLS.name])
    assert reading is not None and reading.truth is not None and reading.truth.label == label[5]
    assert f"labelled {CELLS.classes[int(label[5])]}" in text
    assert tab.another(CELLS.name).startswith("data:image/png")


def verdict(before: float, after: float, random: float, **more: Any) -> Verdict:
    return Verdict(more.get("heat", torch.ones(4, 4)), before, after, random, more.get("inside"), more.get("area"))


def test_verdicts_in_words() -> None:
    holds = verdict_text(verdict(0.91, 0.34, 0.83), "melanoma", GRADCAM)
    assert "This map holds" in holds and "from 91.0 % to <b>34.0 %</b>" in holds and "leaves 83.0 %" in holds
    fails = verdict_text(verdict(0.91, 0.85, 0.84), "melanoma", GRADCAM)
    assert "fails its check" in fails and "do not read anything into it" in fails
    assert "cannot be checked so" in verdict_text(verdict(0.01, 0.01, 0.01), "melanoma", GRADCAM)
    assert "map is empty" in verdict_text(verdict(0.9, 0.9, 0.9, heat=torch.zeros(4, 4)), "melanoma", GRADCAM)
    inside = verdict_text(verdict(0.9, 0.2, 0.8, inside=0.6, area=0.3), "melanoma", GRADCAM)
    assert "<b>60.0 %</b> of the heat lies inside" in inside and "2.00 times" in inside


def test_a_map_that_knows_the_place_holds_and_one_that_does_not_fails() -> None:
    class Middle(nn.Module):
        """Class 1 is how dark the middle is."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            dark = 8 * (1 - x[:, :, 9:18, 9:18].mean((1, 2, 3)))
            return torch.stack([torch.full_like(dark, 4.0), dark], 1)

    net = Net(CELLS, Middle(), {"temperature": torch.tensor(1.0)})
    x = torch.full((3, 27, 27), 255, dtype=torch.uint8)
    x[:, 9:18, 9:18] = 0
    reading = Reading(CELLS.name, x, torch.tensor([0.0, 1.0]), 0.0, 1.0, Truth(1, x[0] == 0))
    middle = (x[0] == 0).float()
    good = nets.judge(net, reading, middle, 1)
    assert good.holds and good.inside == 1 and good.area == pytest.approx(1 / 9)
    edge = torch.zeros(27, 27)
    edge[:8] = 1
    assert not nets.judge(net, reading, edge, 1).holds
    found = nets.areas(net, reading, middle, 1)
    assert found["deletion"][0] < found["deletion"][1]


def test_heat_is_viridis() -> None:
    assert np.asarray(viridis(torch.tensor([[0.0, 1.0]])))[0].tolist() == [[68, 1, 84], [253, 231, 37]]
    assert heat_picture(torch.zeros(5, 5)).getpixel((3, 3)) == (68, 1, 84), "an empty map is cold all over"
    mask = torch.zeros(40, 40, dtype=torch.bool)
    mask[10:30, 10:30] = True
    outline = outline_picture(mask)
    assert outline.getpixel((160, 160)) == (0, 0, 0, 0) and np.asarray(outline)[..., 3].max() == 255


def files(folder: Path) -> dict[str, Path]:
    """Pictures in every form that a visitor might bring."""
    draw = np.random.default_rng(0)
    rgb = Image.fromarray(draw.integers(0, 255, (60, 90, 3), dtype=np.uint8))
    turned = Image.Exif()
    turned[0x0112] = 6
    made = {
        "one.png": (Image.new("RGB", (1, 1), "red"), {}),
        "thin.png": (Image.new("RGB", (2000, 1), "red"), {}),
        "cmyk.jpg": (rgb.convert("CMYK"), {}),
        "palette.png": (rgb.convert("P"), {}),
        "alpha.png": (rgb.convert("RGBA"), {}),
        "deep.png": (Image.fromarray(draw.integers(0, 65535, (40, 40), dtype=np.uint16)), {}),
        "moving.gif": (rgb, {"save_all": True, "append_images": [rgb.transpose(Image.Transpose.ROTATE_180)]}),
        "turned.jpg": (rgb, {"exif": turned}),
        "grey.png": (rgb.convert("L"), {}),
    }
    for name, (picture, options) in made.items():
        picture.save(folder / name, **options)
    return {name: folder / name for name in made}


@pytest.mark.parametrize(
    "name",
    ["one.png", "thin.png", "cmyk.jpg", "palette.png", "alpha.png", "deep.png", "moving.gif", "turned.jpg", "grey.png"],
)
def test_every_form_of_picture_is_read_and_explained(name: str, tmp_path: Path, by_subject: dict[str, Net]) -> None:
    net = by_subject[CELLS.name]
    _, _, reading, _ = tab.answer(CELLS.name, uploaded(str(files(tmp_path)[name])), net)
    assert reading is not None and reading.x_3HW.shape == (3, 27, 27) and reading.p_C.isfinite().all()
    assert "wl-verdict" in tab.explain(reading, CELLS.classes[0], 9, GRADCAM, net)


def test_what_is_no_picture_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("a text file")
    with pytest.raises(ValueError, match="not a picture that can be read"):
        uploaded(str(tmp_path / "notes.png"))
    Image.new("1", (30_000, 30_000)).save(tmp_path / "huge.png")
    with pytest.raises(ValueError, match="too large"):
        uploaded(str(tmp_path / "huge.png"))


def test_nothing_chosen_yet(by_subject: dict[str, Net]) -> None:
    assert "Choose an example" in tab.answer(CELLS.name, "", None)[0]
    assert "Choose a picture above" in tab.explain(None, "other", 3, GRADCAM, None)
    with pytest.raises(ValueError, match="Choose a picture first"):
        list(tab.check(None, "other", 3, GRADCAM, None))


def test_without_a_checkpoint(checkpoints: Path, no_data: Path) -> None:
    with pytest.raises(Exception, match="python -m training fit cells_cnn"):
        tab.answer(CELLS.name, CELL, None)
    assert "python -m training fit dermoscopy" in tab.evidence(MOLES.name, None)
    assert "python -m training fit cells_cnn" in tab.opened(CELLS.name, None)[2]
    with pytest.raises(DataMissing, match="put"):
        tab.another(MOLES.name)


def test_what_waits_for_a_network_is_said_in_one_sentence(checkpoints: Path) -> None:
    text = tab.waiting_text()
    assert all(f"python -m training fit {r.name}" in text for r in tab.MEDMNIST)


def test_the_other_subject_brings_its_own_controls() -> None:
    shown, classes, reading, readout, _ = tab.switched(MOLES.name)
    assert classes["choices"] == list(MOLES.classes) and reading is None and "Choose an example" in readout
    assert len(shown.props["examples"]) == 5 if hasattr(shown, "props") else True
    assert {e["name"] for e in tab.examples(MOLES.name)} > {"mole, even, drawn", "cat"}
    assert tab.target_of(small_names(), "melanoma") == 0


def small_names() -> Net:
    return Net(CELLS, nn.Identity(), {})


def test_the_panel_trains_what_is_chosen() -> None:
    assert {tab.recipe_of(name).name for name in SUBJECTS} == {"cells_cnn", "dermoscopy"}


@pytest.mark.slow
@pytest.mark.parametrize("subject", [CELLS, MOLES], ids=["cells", "moles"])
def test_a_model_of_ones_own(subject: nets.Subject, small_root: Path) -> None:
    recipe = subject.recipe
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8, eval_every=1)))
    for _ in run:
        pass
    own = tab.trained(run)
    assert own.own and own.subject is subject and tab.chosen(subject.name, own) is own
    text, _, reading, _ = tab.answer(subject.name, MOLE, own)
    assert "your model" in text and reading is not None
    assert "confusion" in tab.evidence(subject.name, own)
    for method in METHODS:
        assert "wl-verdict" in tab.explain(reading, subject.classes[0], 9, method, own)


@BOTH
def test_what_ships_reads_its_examples(subject: nets.Subject, address: str, no_data: Path) -> None:
    try:
        net = nets.shipped(subject)
    except Exception as error:
        pytest.skip(str(error))
    text, _, reading, _ = tab.answer(subject.name, address, None)
    assert reading is not None and reading.truth is None and "the shipped model" in text
    assert "wl-verdict" in tab.explain(reading, subject.classes[0], 99, GRADCAM, None)
    evidence = tab.evidence(subject.name, None)
    assert "test pictures" in evidence and "training pictures" in evidence
    assert net.evidence["confusion"].sum() == len(net.evidence["label"])
    cat = read(net, CAT)
    assert cat.unfamiliar, f"a cat lies at {cat.distance:.2f} of {cat.threshold:.2f}"


@pytest.mark.data
def test_a_real_cell_is_familiar_and_known() -> None:
    if not (root() / "crc_cells").exists():
        pytest.skip("the cells are not below WAVELENS_DATA")
    net = nets.shipped(CELLS)
    x, label, _ = crc_cells.part("test")
    readings = [nets.read(net, x[i]) for i in range(0, 2300, 100)]
    assert sum(r.unfamiliar for r in readings) <= 4
    assert all(r.truth and r.truth.label == label[100 * i] for i, r in enumerate(readings))
