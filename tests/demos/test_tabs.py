"""Every tab keeps the contract: built with no checkpoint, no data and no network; named events; labelled components."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from gradio.themes import GoogleFont

import app
from demos import catalogue
from demos._ui import shell
from demos._ui.demo import GROUPS, Demo, training_mode
from demos._ui.theme import theme

UNNAMED = ("lambda", "function", "<lambda>")
FORM = (gr.Radio, gr.Slider, gr.Number, gr.Textbox, gr.Dropdown, gr.Checkbox, gr.Plot, gr.Image, gr.Audio, gr.Gallery)
DEMOS = pytest.mark.parametrize("demo", catalogue().values(), ids=catalogue())


@pytest.fixture
def studio(checkpoints: Path, no_data: Path) -> gr.Blocks:
    return app.studio()


def test_it_builds_with_nothing_at_hand(studio: gr.Blocks) -> None:
    labels = [block.label for block in studio.blocks.values() if isinstance(block, gr.Tab)]
    assert labels[0] == "Home" and {demo.group for demo in catalogue().values()} <= set(labels)


def test_every_event_has_a_name_or_is_private(studio: gr.Blocks) -> None:
    events = list(studio.fns.values())
    assert len(events) > 5
    nameless = [e for e in events if e.api_visibility != "private" and e.api_name in (None, False, "", *UNNAMED)]
    where = [f"{e.targets[0][1]} → {getattr(e.fn, '__qualname__', e.fn)}" for e in nameless]
    assert not nameless, f"public without a name: {where}; write Wire(…).on(trigger, api=“verb_noun”)"


def test_every_component_has_a_label(studio: gr.Blocks) -> None:
    unnamed = [b for b in studio.blocks.values() if isinstance(b, FORM) and not b.label]
    seen = [f"gr.{type(b).__name__} of {getattr(b, 'choices', None) or b.value!r}" for b in unnamed]
    assert not unnamed, f"no label: {seen}; give label=“…”, and show_label=False where the page says it already"
    empty = [b for b in studio.blocks.values() if isinstance(b, gr.Button) and not b.value]
    assert not empty, f"{len(empty)} buttons without a word on them: gr.Button(“verb noun”)"


def test_everything_that_computes_shares_a_queue(studio: gr.Blocks) -> None:
    free = [
        e
        for e in studio.fns.values()
        if e.fn is not None and e.queue and e.concurrency_id not in ("answer", "training", "live")
    ]
    assert not {getattr(e.fn, "__name__", "") for e in free}, "whatever computes is a Wire"


def test_every_handler_goes_through_a_wire_and_has_a_name(studio: gr.Blocks) -> None:
    handlers = [e.fn for e in studio.fns.values() if e.fn is not None]
    bare = {fn.__name__ for fn in handlers if not hasattr(fn, "__wrapped__")}
    assert not bare, f"{bare} are wired by hand: Wire(handler, inputs, outputs).on(trigger)"
    wrapped = [getattr(fn, "__wrapped__", fn) for fn in handlers]
    assert "<lambda>" not in {getattr(fn, "__name__", "") for fn in wrapped}, "a handler has a name"


@DEMOS
def test_the_card_on_the_home_page(demo: Demo) -> None:
    page = shell.home(catalogue())
    assert demo.title in page and demo.summary in page
    assert demo.summary.endswith(".") and len(demo.summary) < 120, "one sentence of less than 120 characters"
    assert demo.limits.endswith("."), "what the nets cannot do, in sentences"


def test_an_unknown_group_is_told_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"“Smell”, and there are: Sound, .*GROUPS in demos/_ui/demo.py"):
        replace(next(iter(catalogue().values())), group="Smell")


def test_the_home_page_without_checkpoints(checkpoints: Path) -> None:
    assert "not trained yet" in shell.home(catalogue())


def test_only_groups_with_a_tab_are_shown(studio: gr.Blocks) -> None:
    shown = {demo.group for demo in catalogue().values()}
    labels = {block.label for block in studio.blocks.values() if isinstance(block, gr.Tab)}
    assert all((group in labels) == (group in shown) for group in GROUPS)


def test_a_card_is_a_link_that_opens_in_place() -> None:
    for name in catalogue():
        assert f'href="?tab={name}" data-opens="{name}"' in shell.home(catalogue())


def test_the_footer_says_how_long_files_are_kept(studio: gr.Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    every, old = studio.delete_cache or (0, 0)
    assert f"deleted after {(every + old) / 3600:.0f} hours at most" in shell.footer(), (
        "it may be as old, and one round more"
    )
    monkeypatch.setenv("SPACE_ID", "somebody/wavelens")
    assert "huggingface.co/spaces/somebody/wavelens" in shell.footer()


def test_a_page_keeps_no_connection_open(studio: gr.Blocks) -> None:
    assert studio.get_config_file()["connect_heartbeat"] is False


def test_the_page_asks_nothing_of_a_third_party() -> None:
    assert shell.STYLES[0].name == "style.css"
    assert all("http" not in sheet.read_text() for sheet in shell.STYLES)
    assert all(not isinstance(font, GoogleFont) for font in theme()._font)


@pytest.mark.parametrize(
    ("environment", "mode"),
    [({}, "full"), ({"SPACE_ID": "x"}, "short"), ({"SPACE_ID": "x", "WAVELENS_TRAINING": "full"}, "full")],
)
def test_training_mode(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], mode: str) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv("WAVELENS_TRAINING", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert training_mode() == mode


def test_training_mode_says_what_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", "yes")
    with pytest.raises(ValueError, match="off, short or full"):
        training_mode()


@pytest.mark.parametrize("mode", ["off", "short"])
def test_every_mode_builds(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", mode)
    assert app.studio()
