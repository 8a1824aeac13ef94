"""The house's words as markup: whatever is not markup is escaped, and numbers read as print has them."""

import math

import pytest
import torch
from markupsafe import Markup

from demos._ui import html
from demos._ui.html import Figure, number, per_cent

EVIL = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "made",
    [
        html.note(EVIL), html.join([EVIL, Markup("<b>x</b>")]), html.group("wl-x", EVIL), html.title(EVIL),
        html.readouts(Figure(EVIL, EVIL, EVIL, EVIL)), html.table([EVIL], [(EVIL, [EVIL])], caption=EVIL),
        html.confusion(torch.eye(2), [EVIL, EVIL], caption=EVIL, shares={EVIL: [EVIL, EVIL]}),
        html.bars([0.5], [EVIL], marked=0, words=[EVIL]), html.verdict(True, EVIL, EVIL), html.strong(EVIL),
        html.small(EVIL), html.figure(Markup("<svg></svg>"), EVIL, EVIL), html.terms({EVIL: EVIL}),
        html.link(EVIL, EVIL), html.code(EVIL), html.stranger(EVIL, EVIL, EVIL),
    ],
)  # fmt: skip
def test_whatever_is_not_markup_is_escaped(made: Markup) -> None:
    assert isinstance(made, Markup) and "<img" not in made and "&lt;img" in made


def test_markup_stays_markup() -> None:
    assert html.note(html.strong("a & b")) == '<p class="wl-note"><b>a &amp; b</b></p>'
    assert html.words_of(html.strong("a & b")) == "a & b" and html.words_of("<b>") == "<b>"


@pytest.mark.parametrize(
    ("value", "form", "read"),
    [(-1.25, ".1f", "−1.2"), (0.5, "+.2f", "+0.50"), (-0.001, ".1f", "0.0"), (math.nan, ".2f", "–"),
     (math.inf, ".2f", "∞"), (-math.inf, ".2f", "−∞"), (1234.5, ",.0f", "1,234")],
)  # fmt: skip
def test_numbers(value: float, form: str, read: str) -> None:
    assert number(value, form) == read


def test_per_cent_never_rounds_a_doubt_away() -> None:
    assert [per_cent(p) for p in (1.0, 0.99999, 0.5, 1e-6, 0.0)] == ["100 %", "> 99.9 %", "50.0 %", "< 0.1 %", "0 %"]


def test_a_readout_with_its_past() -> None:
    text = html.readouts(Figure("7.6", "dB", before="5.0", gain="+2.6"), Figure("3", "ms"))
    assert text.count("<div><b>") == 2 and "<i>5.0</i>" in text and "<em>+2.6</em>" in text
    assert html.readouts(Figure("3", "ms")) == '<div class="wl-readouts"><div><b>3</b><span>ms</span></div></div>'


def test_a_table_has_a_corner_of_its_own() -> None:
    plain = html.table(["a", "b"], [("row", ["1", html.best("2")])])
    assert "<tr><td></td><th" in plain and '<th scope="row">row</th><td>1</td><td><b>2</b></td>' in plain
    named = html.table(["Noise", "a"], [("rain", ["1"])])
    assert named.index("Noise") < named.index(">a<") and "<td></td>" not in named


def test_a_confusion_is_as_warm_as_it_is_wrong() -> None:
    counts = torch.tensor([[8, 2], [0, 1000]])
    text = html.confusion(counts, ["a", "b"], caption="c", shares={"recall": ["80 %", "100 %"]})
    assert '<td class="wl-hit">8</td><td style="--heat:0.20">2</td><td>80 %</td>' in text
    assert '<td style="--heat:0.00">·</td><td class="wl-hit">1,000</td>' in text
    assert "--heat:0.50" in html.confusion(counts, ["a", "b"], caption="c", hottest=4)


def test_bars() -> None:
    text = html.bars([0.25, 2.0], ["a", "b"], marked=1)
    assert "width:25.00%" in text and "width:100.00%" in text and text.count("wl-bar-marked") == 1
    assert "width:0.00%" in html.bars([-1.0], ["a"], marked=None)


@pytest.mark.parametrize(("holds", "kind"), [(True, "wl-holds"), (False, "wl-fails"), (None, 'wl-verdict"')])
def test_a_verdict_says_whether_it_holds(holds: bool | None, kind: str) -> None:
    assert kind in html.verdict(holds, "It holds", "Because.")


def test_the_warning_stands_before_the_answer() -> None:
    text = html.stranger("Not a voice", "It was never trained on this.", html.strong("one person"))
    assert text.index("Not a voice") < text.index("never trained") < text.index("<b>one person</b>")


def test_terms_without_an_answer_are_left_out() -> None:
    assert html.terms({"a": "x", "b": ""}).count("<dt>") == 1


def test_a_link_leads_into_the_web_alone() -> None:
    assert 'href="https://x.org"' in html.link("https://x.org", "x") and "href" not in html.link("javascript:0", "x")
