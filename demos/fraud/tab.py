"""Fraud: payments fall as dots, a line across them is the threshold, and an autoencoder says how odd each of them is."""

from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.html import note
from demos._ui.nets import Net, active
from demos._ui.page import controls, folded, how_good, on_visit, place, section, train_it
from demos.fraud.desk import as_value, desk
from demos.fraud.figures import card_picture, mixed_text, scored_text, split_text
from demos.fraud.nets import (
    MIXED,
    NETS,
    SCORES,
    WHITENED,
    by_split,
    cards,
    judge,
    net_with_rows,
    scored,
    shipped_payments,
)
from models import CheckpointDamaged, CheckpointMissing
from models.autoencoder import Autoencoder
from signals.payments import MAX_ROWS, read
from training import Recipe

FIRST = "Denoising"
LIMITS = (
    "It knows two days of one bank in September 2013, in a sample with 5.6 % frauds instead of 0.17 %: what it calls odd "
    "elsewhere is a guess. Boosted trees that are told of old frauds are better: an autoencoder is for frauds that nobody "
    "has seen yet."
)
YOURS = (
    "A CSV with the columns V1 to V28 and Amount, in any order; with a column Class (0 or 1) it is measured too. "
    f"At most {MAX_ROWS:,} payments."
)
Own = Net[Autoencoder] | None


class Choice(NamedTuple):
    """Which net, and how its residual is measured."""

    net: gr.Radio
    how: gr.Radio


class Yours(NamedTuple):
    """A file of one's own, the samples in its place, and what the net makes of them."""

    file: gr.UploadButton
    samples: gr.Button
    answer: gr.HTML


# Handlers


def show_desk(own: Own, name: str, how: str) -> dict[str, Any]:
    """The test payments by the chosen net, as the desk in the page takes them."""
    net = active(chosen(name), own)
    return as_value(judge(net, _known(how, SCORES)), net.whose)


def chosen(name: str) -> Recipe[Autoencoder]:
    """The recipe behind a name of the page."""
    return NETS[_known(name, NETS)]


def _known(name: str, names: Any) -> str:
    if name not in names:
        raise ValueError(f"There is no “{str(name)[:40]}” here. Choose one of: {', '.join(names)}.")
    return name


def on_open(own: Own, name: str, how: str, shown: Any) -> Any:
    """The desk when the tab is opened; nothing where it stands already."""
    return gr.skip() if shown else show_desk(own, name, how)


def show_mixed(share: float) -> Markup:
    """What so many per cent of frauds among the training payments do."""
    return mixed_text(cards(), share)


def score_payments(own: Own, name: str, path: str | None) -> Markup:
    """A visitor's own payments, scored by the chosen net (a CSV with V1 to V28 and Amount)."""
    if not path:
        raise ValueError("There is no file here. Choose a CSV with the columns V1 to V28 and Amount.")
    chosen(name)
    return scored_text(scored(own, name, read(path)))


def score_samples(own: Own, name: str) -> Markup:
    """The payments that ship with the project, in the form of a visitor's own."""
    chosen(name)
    return scored_text(scored(own, name, shipped_payments()))


# The page


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    choice = choose_net()
    payments = desk(label="Payments under a threshold")
    share, mixed = show_lessons()
    yours = bring_your_own()
    how_good(NETS[FIRST], LIMITS)
    uses = train_it(
        "The net that is chosen above, from random weights, on the normal payments of the first hours: it takes seconds.",
        NETS[FIRST], use=net_with_rows, state=own, seconds=20, choose=chosen, inputs=[choice.net],
    )  # fmt: skip

    show = Wire(show_desk, [own, *choice], payments)
    show.on(choice.net.input, choice.how.input, api="judge_payments")
    show.on(uses.change)
    opening = Wire(on_open, [own, *choice, payments], payments).on(tab.select)
    mix = Wire(show_mixed, share, mixed)
    opening.then(mix)
    mix.on(share.input, api="mix_in_frauds")
    Wire(score_payments, [own, choice.net, yours.file], yours.answer).on(yours.file.upload, api="score_payments")
    Wire(score_samples, [own, choice.net], yours.answer).on(yours.samples.click, api="score_samples")


def choose_net() -> Choice:
    """The net and the score, in one row."""
    with controls():
        return Choice(
            gr.Radio(list(NETS), value=FIRST, label="Autoencoder", elem_classes="wl-pick", scale=3, min_width=300),
            gr.Radio(SCORES, value=WHITENED, label="How odd is what it cannot give back", elem_classes="wl-pick", scale=3, min_width=300),
        )  # fmt: skip


def show_lessons() -> tuple[gr.Slider, gr.HTML]:
    """Frauds taken for normal, and the split at random."""
    section(
        "What flatters, and what spoils",
        "Some frauds always hide among the payments that a bank takes for normal. Here so many were left in on purpose.",
    )
    with controls():
        share = gr.Slider(0, max(MIXED), value=0, step=0.5, label="Frauds among the training payments, %")
    mixed = place(live=True)
    with folded("Split by time, or at random; and the notebook’s threshold"):
        on_visit(lambda: split_text(by_split()))
    return share, mixed


def bring_your_own() -> Yours:
    """A CSV of one's own payments, or the samples'."""
    section("Your own payments", YOURS)
    with controls():
        file = gr.UploadButton("Upload a CSV", file_types=[".csv"])
        samples = gr.Button("Score the 1,500 payments that ship as samples")
    return Yours(file, samples, place(live=True))


def thumbnail() -> Markup:
    """For the home page: the test payments, the odd ones above the line."""
    try:
        facts = Net.pretrained(NETS[FIRST]).evidence
    except (CheckpointMissing, CheckpointDamaged):
        return note("Payments, and a line across them.")
    return card_picture(facts["score"], facts["label"] == 1)
