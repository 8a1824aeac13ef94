"""Who is it: voices enrolled by name for a session, and one more recording among them."""

from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.html import EMPTY
from demos._ui.nets import Net
from demos._ui.page import columns, controls, folded, place
from demos._ui.sound import recorder
from demos.voices.figures import NOBODY, enrolled_text, identity_text, speaker_map
from demos.voices.nets import (
    Enrolled,
    Own,
    active_net,
    embed,
    identify_speaker,
    known_voices,
    load_recording,
    map_places,
    trial_scores,
)
from demos.voices.pairs import load_speaker, recordings_by_name
from models.speaker import Voice


class Enrolment(NamedTuple):
    """Who is enrolled, in words and on the map."""

    enrolled: Any
    members: Any
    atlas: Any


class Identity(NamedTuple):
    """Whose a recording is, in words and on the map."""

    answer: Any
    atlas: Any


class Forgotten(NamedTuple):
    """Nobody."""

    enrolled: Any = None
    members: Any = NOBODY
    answer: Any = EMPTY


# Handlers


def enrol(name: str, own: Own, enrolled: Enrolled | None, recording: str | None, called: str) -> Enrolment:
    """Remember the voice of a recording under a name, for this session only."""
    net = active_net(name, own)
    e_E = embed(net, load_recording(recording, "The recording"))
    after = (enrolled or Enrolled(net.key)).add(called or "", e_E, net)
    return Enrolment(after, enrolled_text(after), speaker_map(net.evidence, _places(net, after)))


def identify(name: str, own: Own, enrolled: Enrolled | None, recording: str | None, threshold: float) -> Identity:
    """Who of the enrolled speaks in a recording, or that nobody of them is near enough; and all of them on a map."""
    net = active_net(name, own)
    known = known_voices(enrolled, net)
    e_E = embed(net, load_recording(recording, "The recording"))
    who, score_V = identify_speaker(net, known, e_E, threshold)
    answer = identity_text(who, known.names, score_V, threshold, trial_scores(net).span)
    return Identity(answer, speaker_map(net.evidence, _places(net, known), map_places(net, e_E[None])[0]))


def _places(net: Net[Voice], enrolled: Enrolled) -> dict[str, list[float]]:
    return dict(zip(enrolled.names, map_places(net, enrolled.mean()), strict=True))


def show_map(name: str, own: Own, enrolled: Enrolled | None) -> Markup:
    """The test speakers and the enrolled on one map."""
    net = active_net(name, own)
    return speaker_map(net.evidence, _places(net, enrolled) if enrolled and enrolled.key == net.key else {})


def forget() -> Forgotten:
    """Forget every enrolled voice at once."""
    return Forgotten()


# The section


def who_is_it(name: gr.Radio, own: gr.State, threshold: gr.Slider) -> gr.HTML:
    """Enrol, ask and forget by the net called `name` or one's own; gives the map, for whoever shows it first."""
    enrolled = gr.State(None, time_to_live=3600)
    fold = folded("Who is it? Enrol voices by name, and let the net say whose a new recording is")
    with fold, columns():
        with gr.Column(scale=4, min_width=300):
            voice = recorder(label="A recording to enrol or to identify", elem_id="voices-who", buttons=[])
            library = gr.Dropdown(list(recordings_by_name()), value=None, label="Or a test speaker")
            called = gr.Textbox(label="Name", max_lines=1, max_length=24, placeholder="Whose voice is it?")
            with controls():
                take = gr.Button("Enrol", variant="primary", min_width=80)
                ask = gr.Button("Who is this?", min_width=110)
                drop = gr.Button("Forget everyone", min_width=120)
            members = place(NOBODY)
        with gr.Column(scale=5, min_width=300):
            answer, atlas = place(), place()

    Wire(load_speaker, library, voice).on(library.input, api="example_voice")
    enrolment = Enrolment(enrolled, members, atlas)
    Wire(enrol, [name, own, enrolled, voice, called], list(enrolment)).on(take.click, api="enrol_voice")
    identity = Identity(answer, atlas)
    Wire(identify, [name, own, enrolled, voice, threshold], list(identity)).on(ask.click, api="identify_voice")
    Wire(forget, None, list(Forgotten(enrolled, members, answer)), "at once").on(drop.click, api="forget_voices")
    Wire(show_map, [name, own, enrolled], atlas).on(fold.expand)
    return atlas
