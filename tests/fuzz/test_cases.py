"""The cases cover what they are for, are the same for the same seed, and find a new tab by what its events read."""

from pathlib import Path
from random import Random
from typing import Any

import gradio as gr
import pytest

import app
from benchmarks import _wire
from benchmarks._wire import Component, Studio
from tests.fuzz import cases, controls
from tests.fuzz.cases import SHARES, only, own, places, plan


@pytest.fixture(scope="module")
def studio() -> Studio:
    return _wire.studio(app.studio().get_config_file())


def component(kind: str, **props: Any) -> Component:
    return Component(1, kind, {"label": "It", **props}, None)


def test_every_part_has_its_share_of_the_plan(studio: Studio) -> None:
    planned = plan(studio, 1, 1000)
    count = {part: sum(case.part == part for case in planned) for part in SHARES}
    assert len(planned) == len({case.id for case in planned}) == 1000
    assert all(abs(count[part] - 10 * share) <= 10 for part, share in SHARES.items())


def test_a_case_is_the_same_by_its_name_alone(studio: Studio) -> None:
    for case in plan(studio, 3, 60):
        again = only(studio, 3, case.id)
        assert (again.event, again.slot, again.seed) == (case.event, case.slot, case.seed)
        assert again.thing().words == case.thing().words
    assert [c.thing().words for c in plan(studio, 4, 60)] != [c.thing().words for c in plan(studio, 3, 60)]
    with pytest.raises(ValueError, match="There is no case “dreams-0001”"):
        only(studio, 3, "dreams-0001")


def test_every_thing_can_be_made(studio: Studio) -> None:
    for part in SHARES:
        kinds = {id(place.kind): place.kind for place in places(studio, part)}
        for kind in list(kinds.values())[:: max(1, len(kinds) // 60)]:
            thing = kind(Random(1))
            assert thing.words and thing.expect in ("refuse", "answer", "either")
            assert all(file.name and isinstance(file.content, bytes) for file in thing.files)


def test_files_go_where_their_kind_is_read(studio: Studio) -> None:
    assert own(component("audio")) == "sounds" and own(component("uploadbutton", file_types=["image"])) == "pictures"
    assert own(component("uploadbutton", file_types=[".csv", ".hea", ".dat"])) == "ECGs"
    assert own(component("file", file_types=[".npz"])) == ""
    found = {place.slot.label for place in places(studio, "ECGs") if place.slot}
    assert found == {"Upload your ECG"}


def test_a_new_tab_is_tried_by_what_its_events_read() -> None:
    with gr.Blocks() as blocks:
        volume, amount = gr.File(label="Volume", file_types=[".npz"]), gr.Slider(1, 5, label="Depth")
        word, table, out = gr.Textbox(label="Word"), gr.Dataframe(label="Table"), gr.HTML()
        gr.Button("Go").click(_first, [volume, amount, word, table], out, api_name="go")
    new = _wire.studio(blocks.get_config_file())
    labels = {part: {place.slot.label for place in places(new, part) if place.slot} for part in SHARES}
    assert labels["volumes"] == {"Volume"} and labels["numbers"] == {"Depth"} and "Word" in labels["texts"]
    assert {"Volume", "Table"} <= labels["values"]
    planned = plan(new, 1, 200)
    assert len(planned) == 200 and {case.event.name for case in planned if case.event} == {"go"}


def _first(*values: Any) -> str:
    return str(values[0])


def test_what_must_be_refused_is_declared_by_bounds_and_choices() -> None:
    expected = {
        k(Random(1)).words: k(Random(1)).expect for k in controls.numbers(component("slider", minimum=1, maximum=5))
    }
    assert expected["It = nan"] == expected["It = 6"] == expected["It = 0"] == expected["It = 'abc'"] == "refuse"
    assert expected["It = 5"] == expected["It = None"] == "either"
    radio = component("radio", choices=[["One", "one"], ["Two", "two"]], value="one")
    expected = {k(Random(1)).words: k(Random(1)).expect for k in controls.choices(radio)}
    assert expected["It = 'nobody offered this'"] == expected["It = None"] == expected["It = 'ONE'"] == "refuse"
    assert expected["It = 'two'"] == "either"
    free = component("dropdown", choices=[], value=None, allow_custom_value=True)
    expected = {k(Random(1)).words: k(Random(1)).expect for k in controls.choices(free)}
    assert expected["It = 'nobody offered this'"] == expected["It = None"] == "either"


def test_good_things_are_good(tmp_path: Path) -> None:
    """What must be answered is read by the readers themselves."""
    from signals import audio, ecg_files, image

    readers = {"sounds": lambda paths: audio.read(paths[0]), "ECGs": lambda paths: ecg_files.read(paths, 360)}
    for part, read in readers.items():
        for kind in cases.OWN[part]:
            thing = kind(Random(1))
            if thing.expect == "answer":
                paths = [tmp_path / file.name for file in thing.files]
                for path, file in zip(paths, thing.files, strict=True):
                    path.write_bytes(file.content)
                assert read(paths), thing.words
    for kind in cases.OWN["pictures"][:10]:
        (file,) = kind(Random(1)).files
        (tmp_path / file.name).write_bytes(file.content)
        assert image.read(tmp_path / file.name).size == (96, 64)
