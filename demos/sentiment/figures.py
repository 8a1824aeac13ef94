"""What the answers on a text look like: the verdict in a sentence, words shaded by what they add, words as points, failures."""

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from markupsafe import Markup

from demos._ui.charts import Axis, Dots, Label, Line, Mark, chart, key
from demos._ui.html import (
    EMPTY,
    Figure,
    bars,
    best,
    figure,
    group,
    join,
    note,
    number,
    readouts,
    stranger,
    table,
    verdict,
)
from demos.sentiment.lessons import Mapped, Near, Trial
from demos.sentiment.nets import Reading, Reasons
from demos.sentiment.texts import NEUTRAL, Text
from signals.behaviour import EACH, KINDS, Kind

SIDES = ("blame", "praise")
STRIKING = 24
"""Words of the map that are named."""
NO_WORDS = "There is no word in this text. Write a sentence, or choose an example; emoji, marks and HTML are not read."


# The answer


def answer_text(reading: Reading) -> Markup:
    """Praise or blame in large letters, how sure each net is, and what was not read."""
    text, answers = reading.text, reading.answers
    if not text.pieces:
        return note(NO_WORDS)
    if not answers:
        return note(f"Reading {text.n:,} words …")
    head = readouts(Figure(*_said(answers)))
    told = group("wl-sentiment-answer", head, note(join(_asides(reading), " ")))
    if text.is_foreign:
        n, share = len(text.pieces), f"{len(text.pieces) - len(text.unknown)} of its {len(text.pieces)}"
        words = f"The nets know {share} word{'' if n == 1 else 's'}; of an English review, at least 86 in 100. Take their answer for a guess."
        return stranger("This does not read as an English review", words, told)
    return told


def _said(answers: Mapping[str, float]) -> tuple[str, str]:
    """“Praise”, and by how many; what the nets do not agree about has no side."""
    praising = [name for name, p in answers.items() if p > 0.5]
    if len(praising) in (0, len(answers)):
        who = f"all {len(answers)} nets agree" if len(answers) > 1 else f"says the {next(iter(answers))}"
        return SIDES[bool(praising)].capitalize(), f"{who}."
    others = [name for name in answers if name not in praising]
    return "They disagree", f"praise: {_listed(praising)}; blame: {_listed(others)}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _asides(reading: Reading) -> list[str]:
    text, said = reading.text, []
    waits = [name for name, line in reading.praise.items() if len(line) < len(text.pieces)]
    said += [f"{name} has read {len(reading.praise[name])} of {len(text.pieces)} words so far." for name in waits]
    if text.left_out:
        said.append(
            f"Of {text.n:,} words the first 128 and the last 272 are read; the {text.left_out:,} between are not."
        )
    if text.unknown and not text.is_foreign:
        one = len(text.unknown) == 1
        said.append(f"{len(text.unknown)} unknown word{'' if one else 's'}, struck out: {_quoted(text.unknown)}.")
    if reading.owned:
        said.append(f"{reading.owned} is your own.")
    return said


def _quoted(words: Sequence[str], most: int = 5) -> str:
    return ", ".join(f"“{word}”" for word in words[:most]) + (" and more" if len(words) > most else "")


# Why


def shaded_text(text: Text, found: Reasons, name: str) -> Markup:
    """Each word on a ground that says how much it adds, and its line which way; a verdict beneath."""
    top = max(found.weight_T.abs().max().item(), 1e-9)
    words = []
    for piece, weight in zip(text.pieces, found.weight_T.tolist(), strict=True):
        kind, share = SIDES[weight > 0], abs(weight) / top
        mark = Markup(
            '<span class="wl-sentiment-adds wl-sentiment-{}" style="--wl-sentiment-heat:{:.2f}" title="{}">{}</span>'
        )
        words.append(_space(piece.before))
        words.append(mark.format(kind if share > 0.08 else "little", share, _signed(weight), piece.text[:40]))
    strongest = sorted(zip(found.weight_T.tolist(), text.pieces, strict=True), key=lambda pair: -abs(pair[0]))[:4]
    facts = ", ".join(f"“{piece.text[:40]}” {_signed(weight)}" for weight, piece in strongest)
    said = f"{name}. Log-odds that a word adds; the strongest: {facts}. Solid line and green: praise; dotted and red: blame."
    return figure(group("wl-sentiment-shaded", *words), "What each word adds", said)


def _space(before: str) -> str:
    return f"{before[:30]} … " if len(before) > 40 else before


def _signed(weight: float) -> str:
    return ("+" if weight >= 0 else "") + number(weight, ".2f")


def reasons_verdict(found: Reasons) -> Markup:
    """Whether the shading holds: striking out the strongest words against as many others."""
    side = SIDES[found.praise > 0.5]
    before, after, at_random = (number(p, ".2f") for p in (found.before, found.after, found.at_random))
    words = "the strongest word" if found.struck == 1 else f"the strongest {found.struck} words"
    facts = f"With {words} struck out (20 %), the probability of {side} goes from {before} to {after}; with as many others, to {at_random}."
    if found.before - found.after > 0.02 and found.at_random - found.after > 0.02:
        return verdict(True, "This shading holds", f"{facts} The answer rests on what is shaded.")
    return verdict(False, "This shading does not hold", f"{facts} What is shaded matters no more than the rest.")


# Words as points


def map_chart(everything: Sequence[Mapped], found: Near) -> Markup:
    """Frequent words and one word's neighbours on the plane in which they spread most."""
    shown = [*everything, found.word, *found.neighbours]
    x, y = (_span([getattr(word, side) for word in shown]) for side in ("x", "y"))
    marks: list[Mark] = [
        Dots([(w.x, w.y, 0.9) for w in everything if (w.tone > 0) == praises], f"wl-sentiment-dot-{side}")
        for praises, side in enumerate(SIDES)
    ]
    marks += [Line([(found.word.x, found.word.y), (w.x, w.y)], "wl-sentiment-near") for w in found.neighbours]
    marks.append(Dots([(w.x, w.y, 1.5) for w in found.neighbours], "wl-sentiment-dot-near"))
    marks.append(Dots([(found.word.x, found.word.y, 2.2)], "wl-sentiment-dot-near"))
    striking = sorted(everything, key=lambda w: -abs(w.tone))[:STRIKING]
    marks += _labels([found.word, *found.neighbours, *striking], x, y, first=1 + len(found.neighbours))
    legend = key("wl-sentiment-key-praise", "speaks for praise") + key("wl-sentiment-key-blame", "for blame")
    words = (
        f"{len(everything)} frequent words and the neighbours of “{found.word.word}”, in the plane in which those words spread "
        "most (PCA of 128 numbers): neighbours in truth need not be neighbours here."
    )
    return chart(
        x, y, *marks, title="The map of words", words=words, legend=legend, square=True, kind="wl-sentiment-map"
    )


def _span(values: Sequence[float]) -> Axis:
    low, high = min(values), max(values)
    return Axis(low - 0.04 * (high - low), high + 0.1 * (high - low))


def _labels(words: Sequence[Mapped], x: Axis, y: Axis, first: int) -> list[Mark]:
    """Names that do not lie over one another; the first of them come first."""
    found: list[Mark] = []
    places: list[tuple[float, float]] = []
    for i, word in enumerate(words):
        u, v = x.share(word.x), y.share(word.y)
        if any(abs(u - a) < 0.13 and abs(v - b) < 0.045 for a, b in places):
            continue
        places.append((u, v))
        found.append(
            Label((word.x, word.y), word.word, "wl-plot-words wl-sentiment-named" if i < first else "wl-plot-words")
        )
    return found


def neighbours_bars(found: Near) -> Markup:
    """The eight words used most like it, by cosine."""
    words = [number(cosine, ".2f") for cosine in found.cosine]
    drawn = bars(found.cosine, [word.word for word in found.neighbours], marked=None, words=words)
    said = "Cosine of the angle between two words’ vectors; 1 is the same direction. Learnt from which words stand near them, so opposites are neighbours too."
    return figure(drawn, f"Used like “{found.word.word}”", said)


# Where they fail


def trials_table(trials: Sequence[Trial], *, more: bool = False) -> Markup:
    """Sentences that no reader doubts, and what the nets say: of each kind the first, or the others."""
    if not trials:
        return EMPTY
    names, kinds = list(trials[0].praise), [trial.claim.kind for trial in trials]
    rows = [
        (_claimed(trial), [SIDES[trial.claim.label], *(_judged(p, trial.claim.label) for p in trial.praise.values())])
        for i, trial in enumerate(trials)
        if (trial.claim.kind in kinds[:i]) == more
    ]
    wrong = [sum((trial.praise[name] > 0.5) != trial.claim.label for trial in trials) for name in names]
    said = ", ".join(f"{name} {n}" for name, n in zip(names, wrong, strict=True))
    words = f"Wrong of {len(trials)} such sentences: {said}."
    words = f"The other {len(rows)} of them." if more else words
    return table(["Sentence", "it says", *names], rows, caption=words, kind="wl-sentiment-trials")


def _claimed(trial: Trial) -> Markup:
    kind, text = trial.claim.kind, trial.claim.text
    return Markup("<small>{}</small> <span>{}</span>").format(kind, shorten(text, 90, placeholder=" …"))


def _judged(p: float, label: int) -> Markup:
    right = (p > 0.5) == bool(label)
    return Markup('<td class="{}">{}{}</td>').format(
        "" if right else "wl-sentiment-wrong", number(p, ".2f"), "" if right else " ✗"
    )


def names_table(found: Mapping[str, Mapping[str, float]]) -> Markup:
    """One neutral sentence about twenty people."""
    rows = []
    for net, line in found.items():
        low, high = min(line, key=lambda n: line[n]), max(line, key=lambda n: line[n])
        said = [f"{low} {number(line[low], '.2f')}", f"{high} {number(line[high], '.2f')}"]
        rows.append((net, [*said, number(line[high] - line[low], ".2f")]))
    people = len(next(iter(found.values()), {}))
    words = (
        f"“{NEUTRAL.format('…')}” says nothing: a fair reader gives all {people} names the same probability of praise."
    )
    return table(["Net", "lowest", "highest", "apart ↓"], rows, caption=words, kind="wl-sentiment-cases")


def cases_table(failed: Mapping[str, Mapping[Kind, int]]) -> Markup:
    """Of two hundred sentences of ours, the share on which each net fails, by kind."""
    if not failed:
        return note("These nets have not been tried on the two hundred sentences yet.")
    kinds = list(KINDS)
    least = {kind: min(line[kind] for line in failed.values()) for kind in kinds}
    rows = [
        (
            name,
            [_share(line[kind], EACH, line[kind] == least[kind]) for kind in kinds] + [f"{sum(line.values())} of 200"],
        )
        for name, line in failed.items()
    ]
    words = "; ".join(f"{kind}: it {meaning}" for kind, meaning in KINDS.items())
    said = (
        f"Failures on 200 sentences of ours, {EACH} a kind, per cent; lower is better. {words[0].upper()}{words[1:]}."
    )
    return table(["Net", *kinds, "all"], rows, caption=said, kind="wl-sentiment-cases")


def _share(n: int, of: int, is_best: bool) -> Markup | str:
    words = f"{100 * n / of:.0f}"
    return best(words) if is_best else words


# How good


def measured_table(found: Mapping[str, Any], displayed: Any) -> Markup:
    """One of the benchmark's tables, the nets by the names that they have here, the best of each column strong."""
    columns, rows = found["columns"], found["rows"]
    leading = [_best_of([row[i] for row in rows], "↓" in found["caption"] + columns[i]) for i in range(1, len(columns))]
    cells = [
        (displayed(row[0]), [best(cell) if cell == leading[i] else cell for i, cell in enumerate(row[1:])])
        for row in rows
    ]
    drawn = table(columns, cells, caption=found["caption"], kind="wl-sentiment-measured")
    return note(found["words"]) + drawn if "words" in found else drawn


def _best_of(cells: Sequence[str], lower: bool) -> str:
    """The cell with the best number; nothing where they hold none."""
    values = {cell: value for cell in cells if (value := _first_number(cell)) is not None}
    return (min if lower else max)(values, key=lambda cell: values[cell]) if values else ""


def _first_number(cell: str) -> float | None:
    try:
        return float(cell.split(" ")[0].replace(",", ""))
    except ValueError:
        return None
