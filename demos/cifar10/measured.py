"""What was measured on test, drawn: accuracy when pictures are shifted or scrambled, every net's figures, each class."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import Axis, Dots, Label, Line, chart, key
from demos._ui.html import EMPTY, best, code, confusion, join, note, per_cent, table, title
from demos.cifar10.nets import CNN, KINDS, PERCEPTRON, REACH, Score
from models import Card
from signals.scramble import BLOCKS
from training.data.cifar10 import CLASSES, COMPRESSED

LINES = {PERCEPTRON: "wl-other", CNN: "wl-line"}
CHANCE = 0.1
SHARES = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")]
ON_A_COPY = f"Measured on {COMPRESSED}: compare with published figures only roughly."


def legend() -> Markup:
    """Which line is whose."""
    return join(key(LINES[kind], kind) for kind in KINDS)


def shifts_chart(found: Mapping[str, Tensor]) -> Markup:
    """Accuracy of the pair on test pictures that are shifted sideways, `(S,)` each; nothing where there is neither."""
    if not found:
        return EMPTY
    x = Axis(-REACH, REACH, [(-REACH, f"{REACH} pixels left"), (0, "0"), (REACH, f"{REACH} right")])
    lines = [
        Line([(by - REACH, right) for by, right in enumerate(right_S.tolist())], LINES[kind])
        for kind, right_S in found.items()
    ]
    fallen = "; ".join(
        f"the {kind.lower()} falls from {100 * right_S[REACH]:.0f} % to {100 * right_S.min():.0f} %"
        for kind, right_S in found.items()
    )
    words = f"1,000 test pictures, all of them shifted: {fallen}. {ON_A_COPY}"
    return chart(x, Axis(0, 1, SHARES), *lines, title="Named rightly when shifted", words=words, legend=legend())


def scramble_chart(cards: Mapping[str, Sequence[Card | None]]) -> Markup:
    """Accuracy of the twelve small nets by block, and what it says; those that are not trained yet are left out."""
    if not any(card for row in cards.values() for card in row):
        return note(scramble_words(cards))
    x = Axis(0, len(BLOCKS) - 1, [(float(i), f"{block}") for i, block in enumerate(BLOCKS)])
    marks: list[Line | Dots | Label] = []
    for kind, row in cards.items():
        points = [(float(i), card.metrics["accuracy"]) for i, card in enumerate(row) if card]
        marks += [Line(points, LINES[kind]), Dots([(*point, 3.0) for point in points], LINES[kind])]
    marks.append(Label((0, 1), kind="wl-cifar10-cursor"))
    return chart(
        x, Axis(0, 0.8, [(0.0, "0 %"), (0.4, "40 %"), (0.8, "80 %")]), *marks, title="Named rightly, by the pixels of a block’s side",
        words=scramble_words(cards), legend=legend(), kind="wl-cifar10-lines",
    )  # fmt: skip


def scramble_words(cards: Mapping[str, Sequence[Card | None]]) -> str:
    """From where to where each kind goes, and which nets are missing."""
    said = []
    for kind, row in cards.items():
        right = [100 * card.metrics["accuracy"] for card in row if card]
        if row[0] and row[-1]:
            said.append(f"{kind}: {right[0]:.1f} % unscrambled, {right[-1]:.1f} % scrambled whole.")
    missing = sum(card is None for row in cards.values() for card in row)
    if missing:
        said.append(f"Of the {2 * len(BLOCKS)} nets {missing} {'is' if missing == 1 else 'are'} not trained yet.")
    return " ".join(
        [*said, f"Nets of about 140,000 numbers, the same budget each, on 10,000 test pictures. {ON_A_COPY}"]
    )


# How good they are


def scores_table(found: Sequence[Score], missing: Sequence[str]) -> Markup:
    """Every net's accuracy with its interval; without near-duplicates, and with flips, apart; and what is not trained."""
    columns = ["Net", "right ↑", "95 % interval", "without near-duplicates ↑", "with flips, apart ↑", "numbers"]
    most = max((score.right for score in found), default=0)
    rows = [
        (
            code(score.recipe.name),
            [
                best(_share(score.right)) if score.right == most else _share(score.right),
                f"{100 * score.low:.1f} to {100 * score.high:.1f}",
                _share(score.without_twins),
                _share(score.with_flips),
                f"{score.card.parameters:,}",
            ],
        )
        for score in found
    ]
    if not rows:
        return _untrained(missing)
    caption = f"Named rightly, in per cent of {found[0].card.n:,} official test pictures; {COMPRESSED}"
    words = (
        "Near-duplicates: test pictures that stand, almost the same, in the training set too, as the best convolutional net finds "
        "them. With flips: the mean of the answers to a picture and to its mirror image, a second question, so it stands apart."
    )
    return table(columns, rows, caption=caption) + note(words) + _untrained(missing)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}"


def _untrained(missing: Sequence[str]) -> Markup:
    if not missing:
        return EMPTY
    commands = join((code(f"python -m training fit {name}") for name in missing[:3]), ", ")
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return note(Markup("Not trained yet: {}{}.").format(commands, more))


def classes_table(found: Sequence[Score]) -> Markup:
    """Of each class's test pictures, how many are named so, by every net."""
    if not found:
        return EMPTY
    rows = [(code(score.recipe.name), [f"{100 * right:.1f}" for right in score.right_C.tolist()]) for score in found]
    caption = f"Of each class’s 1,000 test pictures, per cent named so ↑; {COMPRESSED}"
    return table(["Net", *CLASSES], rows, caption=caption)


def strangers_table(groups: Sequence[Mapping[str, Any]]) -> Markup:
    """How often the warning comes, of test pictures and of what is none of the ten classes."""
    rows = [(g["what"], [per_cent(g["warned"]), f"{g['n']:,}"]) for g in groups]
    caption = (
        "How often the warning “this is like nothing they learnt from” comes: never would be best for test pictures, always for the "
        f"rest; {COMPRESSED}"
    )
    return table(("Pictures of", "warned", "of"), rows, caption=caption) if rows else EMPTY


def confusions_text(counts: Mapping[str, Tensor]) -> Markup:
    """Which class the pair takes for which, counts `(C, C)` each."""
    parts = []
    for kind, counts_CC in counts.items():
        slips_CC = counts_CC - counts_CC.diag().diag()
        most, at = int(slips_CC.max()), int(slips_CC.argmax())
        words = f"The commonest slip: {most} times a {CLASSES[at // 10]} is called {_a(CLASSES[at % 10])}. {ON_A_COPY}"
        parts += [
            title(kind),
            confusion(counts_CC, CLASSES, caption="Truth (rows) against answer (columns)", hottest=most),
            note(words),
        ]
    return join(parts)


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
