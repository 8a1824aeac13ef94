"""The Diagnose tab without a browser: what each handler gives, which of two answers stands, and trouble in words."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from demos._ui.nets import Net
from demos._ui.widgets.picker import shown
from demos.diagnose import demo, maps, nets, subjects, tab
from demos.diagnose.maps import GRADCAM, METHODS
from demos.diagnose.nets import Reading
from demos.diagnose.subjects import CELLS, MOLES, XRAYS
from tests.demos.diagnose.conftest import CELL, MOLE
from training import DataMissing, Run
from training.data import crc_cells


def test_an_example_is_diagnosed(net: Net[Any]) -> None:
    found = tab.diagnose(CELLS.name, shown(CELL, "cell-large.png"), net)
    best = CELLS.classes[int(found.reading.p_C.argmax())]
    assert found.classes["value"] == best and f"{best.capitalize()}, " in found.words
    assert found.reading.truth is None and not found.check
    bare = tab.diagnose(CELLS.name, CELL, net).reading
    assert bare.p_C.equal(found.reading.p_C), "a bare address does as well"


def test_a_test_picture_keeps_its_key_through_the_page(net: Net[Any]) -> None:
    label_B = crc_cells.part("test")[1]
    taken = tab.random_test_sample(CELLS.name)
    assert taken["src"].startswith("data:image/png")
    reading = tab.diagnose(CELLS.name, taken, net).reading
    assert reading.truth is not None and reading.truth.label == label_B[int(taken["key"].split()[1])]
    assert tab.diagnose(CELLS.name, taken["src"], net).reading.truth is None


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_verdict(method: str, net: Net[Any], reading: Reading) -> None:
    found = tab.explain(reading, CELLS.classes[1], 9, method, net)
    assert f" {method}" in found.map and "“inflammatory”" in found.map and "wl-verdict" in found.verdict
    assert "elsewhere" in found.verdict or "map is empty" in found.verdict


def test_layers_go_from_early_to_late(net: Net[Any], reading: Reading) -> None:
    assert len({tab.explain(reading, CELLS.classes[0], d, GRADCAM, net).map for d in (1, 4)}) == 2


def test_the_weights_check_goes_through_every_stage(net: Net[Any], reading: Reading) -> None:
    reports = list(tab.check_weights(reading, CELLS.classes[0], 9, GRADCAM, net))
    assert len(reports) == len(nets.layers(net)) + 2
    assert "the answer forgotten" in reports[0] and "Forgetting" in reports[-2]
    assert "melt" in reports[-1] and "Deletion, hottest first" in reports[-1]


def test_fewer_bits(net: Net[Any], reading: Reading) -> None:
    assert tab.compare_precisions(reading, CELLS.classes[0], 9, net).count("<figure") == 3
    assert tab.compare_precisions(None, CELLS.classes[0], 9, net) == tab.NO_CELL
    assert tab.compare_precisions(replace(reading, subject=MOLES.name), "melanoma", 9, net) == tab.NO_CELL


@pytest.fixture
def handlers(checkpoints: Path) -> dict[str, Callable[..., Any]]:
    """The built tab's public handlers by their API names, as the page calls them."""
    with gr.Blocks() as page, gr.Tab("Diagnose") as part:
        demo.build(part)
    return {
        str(event.api_name): event.fn for event in page.fns.values() if event.fn and event.api_visibility == "public"
    }


def test_a_late_explanation_does_not_replace_a_newer_one(
    handlers: dict[str, Callable[..., Any]], net: Net[Any], reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, may_end, heatmap = threading.Event(), threading.Event(), maps.heatmap

    def held_back(*values: Any) -> Any:
        if values[-1] == METHODS[2]:
            started.set()
            assert may_end.wait(30)
        return heatmap(*values)

    monkeypatch.setattr(maps, "heatmap", held_back)
    explain, late = handlers["explain_diagnosis"], []
    asking = threading.Thread(target=lambda: late.append(explain(reading, CELLS.classes[0], 9, METHODS[2], net)))
    asking.start()
    assert started.wait(30)
    newer = explain(reading, CELLS.classes[0], 9, METHODS[0], net)
    may_end.set()
    asking.join()
    assert METHODS[0] in newer.map
    assert late == [(gr.skip(), gr.skip())], "the newer map stays on the page"


def test_a_new_picture_ends_the_check_of_the_old_one(
    handlers: dict[str, Callable[..., Any]], net: Net[Any], reading: Reading
) -> None:
    reports = handlers["check_explanation"](reading, CELLS.classes[0], 9, GRADCAM, net)
    assert "the answer forgotten" in next(reports)
    assert handlers["diagnose"](CELLS.name, CELL, net).check == ""
    assert all(report == gr.skip() for report in reports)


def files(folder: Path) -> dict[str, Path]:
    """Pictures in every form that a visitor might bring."""
    draw = np.random.default_rng(0)
    rgb = Image.fromarray(draw.integers(0, 255, (60, 90, 3), dtype=np.uint8))
    turned = Image.Exif()
    turned[0x0112] = 6
    made = {
        "thin.png": (Image.new("RGB", (200, 20), "red"), {}),
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
    ["thin.png", "cmyk.jpg", "palette.png", "alpha.png", "deep.png", "moving.gif", "turned.jpg", "grey.png"],
)
def test_every_form_of_picture_is_read_and_explained(name: str, tmp_path: Path, net: Net[Any]) -> None:
    reading = tab.diagnose(CELLS.name, tab.upload(str(files(tmp_path)[name])), net).reading
    assert reading.x_3HW.shape == (3, 27, 27) and reading.p_C.isfinite().all() and reading.truth is None
    assert "wl-verdict" in tab.explain(reading, CELLS.classes[0], 9, GRADCAM, net).verdict


def test_nothing_chosen_yet() -> None:
    for nothing in (None, "", shown("")):
        found = tab.diagnose(CELLS.name, nothing, None)
        assert found.reading is None and "Choose an example" in found.words
    assert tab.explain(None, "other", 3, GRADCAM, None).map == tab.NO_MAP
    with pytest.raises(ValueError, match="Choose a picture first"):
        list(tab.check_weights(None, "other", 3, GRADCAM, None))


def test_without_a_checkpoint(checkpoints: Path, no_data: Path) -> None:
    with pytest.raises(Exception, match="python -m training fit cells_cnn"):
        tab.diagnose(CELLS.name, CELL, None)
    found = tab.results(MOLES.name, None)
    assert all("python -m training fit dermoscopy" in text for text in (found.results, found.further))
    opened = tab.open_tab(XRAYS.name, None, None)
    assert opened.depth == gr.skip() and len(opened.picture.value["src"]) > 100, (
        "there is a film to look at all the same"
    )
    with pytest.raises(DataMissing, match="put"):
        tab.random_test_sample(MOLES.name)


def test_what_waits_for_the_tab_to_be_opened(net: Net[Any]) -> None:
    found = tab.results(CELLS.name, net)
    assert "wl-confusion" in found.results and "<dt>Limits</dt>" in found.further


def test_the_tab_opens_with_a_film_that_is_read_and_whose_map_holds(no_data: Path) -> None:
    opened = tab.open_tab(XRAYS.name, None, None)
    found = tab.diagnose(XRAYS.name, opened.picture.value, None)
    assert "Pneumonia, " in found.words and "Right</span>: the film was labelled pneumonia" in found.words
    looked = tab.explain(found.reading, found.classes["value"], 99, GRADCAM, None)
    assert "wl-diagnose-heat" in looked.map and "This map holds" in looked.verdict
    kept = tab.open_tab(XRAYS.name, found.reading, None)
    assert list(kept) == [gr.skip()] * len(kept), "what this visitor has read stays"


def test_the_other_subject_brings_its_own_controls(no_data: Path) -> None:
    found = tab.show_subject(MOLES.name, None)
    assert found.classes["choices"] == list(MOLES.classes) and found.classes["value"] == MOLES.classes[0]
    assert found.picture.value["key"] == MOLES.drawn[0] and "drawn" in found.about
    assert found.depth["value"] == found.depth["maximum"] == len(nets.layers(nets.active_net(MOLES.name, None)))
    assert found.sample["visible"] is False and found.cells_only["visible"] is False
    films = tab.show_subject(XRAYS.name, None)
    assert films.sample["visible"] is True and "of 22 chest films" in films.about and "Real films" in films.about
    assert tab.show_subject(CELLS.name, None).cells_only["visible"] is True


def test_the_panel_trains_what_is_here(small_root: Path) -> None:
    assert [tab.recipe_of(name).name for name in subjects.SUBJECTS] == ["pneumonia_cnn", "cells_cnn", "dermoscopy"]


def test_the_panel_trains_films_where_nothing_else_is_here(no_data: Path) -> None:
    assert {tab.recipe_of(name).name for name in subjects.SUBJECTS} == {"pneumonia_cnn"}


def test_a_net_of_films_shows_films(net: Net[Any]) -> None:
    for subject, own in ((CELLS.name, net), (MOLES.name, None)):
        same = tab.show_own(subject, own)
        assert same.subject == subject, "or it would be no question, and nothing read again"
        assert list(same)[1:] == [gr.skip()] * (len(same) - 1)
    assert tab.show_own(MOLES.name, net).subject == CELLS.name


@pytest.mark.slow
@pytest.mark.parametrize("subject", [CELLS, MOLES], ids=["cells", "moles"])
def test_a_model_of_ones_own(subject: subjects.Subject, small_root: Path) -> None:
    recipe = subject.recipe
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=8, eval_every=1)))
    for _ in run:
        pass
    own = Net.from_run(run)
    assert nets.subject_of(own) is subject and nets.active_net(subject.name, own) is own
    found = tab.diagnose(subject.name, MOLE, own)
    assert "your model" in found.sure and found.reading is not None
    assert "wl-confusion" in tab.results(subject.name, own).results
    for method in METHODS:
        assert "wl-verdict" in tab.explain(found.reading, subject.classes[0], 9, method, own).verdict


@pytest.mark.parametrize(("subject", "address"), [(CELLS, CELL), (MOLES, MOLE)], ids=["cells", "moles"])
def test_what_ships_reads_its_examples(subject: subjects.Subject, address: str, no_data: Path) -> None:
    found = tab.diagnose(subject.name, address, None)
    assert found.reading.truth is None and "the shipped model" in found.sure
    assert "wl-verdict" in tab.explain(found.reading, subject.classes[0], 99, GRADCAM, None).verdict
    found = tab.results(subject.name, None)
    assert "test pictures" in found.results and "training pictures" in found.further
