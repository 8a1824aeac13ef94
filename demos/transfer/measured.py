"""What Transfer learning draws of what was measured: curves by pictures and by depth, falls, the map, and the test set."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import Axis, Dots, Label, Line, Mark, Rule, chart, key
from demos._ui.html import EMPTY, Figure, confusion, figure, group, join, note, per_cent, readouts, table
from demos._ui.pictures import picture
from demos.transfer.figures import photograph
from demos.transfer.lessons import KEPT, TINTS, Falls, first_to_fall
from demos.transfer.nets import COLOURS, FewShot, Reading
from metrics.classification import macro_f1
from training.data.grocery import CLASSES

SHARES = [(0.0, "0"), (0.5, "50 %"), (1.0, "100 %")]
KINDS = {"from scratch": "wl-transfer-scratch", "tuned last stage": "wl-transfer-tuned"}
"""The class in the sheet of each band, by the benchmark's own name."""


# Pictures of each class


def curve_text(
    shot: FewShot, linear: Mapping[int, Sequence[float]], others: Sequence[Mapping[str, Any]], said: str
) -> Markup:
    """Accuracy by pictures of each class: the kept heads as a line in its band, the live ones as dots, `others` as bands.

    `said` is what the live heads say of the picture above, in words.
    """
    x = Axis(1, 50, [(n, str(n)) for n in (1, 2, 5, 10, 20, 50)], log=True)
    marks: list[Mark] = []
    for name, kind in KINDS.items():
        levels = {row["count"]: row["accuracy"] for row in others if row["name"] == name}
        marks += _band(levels, kind) if levels else []
    marks += _band(linear, "wl-transfer-linear")
    marks += [Rule(x=shot.count, kind="wl-transfer-at"), Dots([(shot.count, right, 4.5) for right in shot.accuracy])]
    here = {name for row in others for name in KINDS if row["name"] == name}
    legend = join([
        key("wl-transfer-linear", "linear head"),
        *(key(kind, name) for name, kind in KINDS.items() if name in here),
    ])  # fmt: skip
    mean = sum(shot.accuracy) / len(shot.accuracy)
    words = (
        f"Dots: {len(shot.accuracy)} heads solved just now in {shot.milliseconds:.0f} ms, each from other {_pictures(shot.count)} of each "
        f"kind, asked about {shot.n} test pictures. Bands: the least to the most of five draws."
    )
    facts = readouts(
        Figure(f"{100 * mean:.1f} %", f"right from {_pictures(shot.count)} of each kind, {_range(shot.accuracy)}"),
        *([Figure(said, "of five heads, about the picture above")] if said else []),
    )
    missing = EMPTY if here else note("From scratch and tuned: not measured yet (python -m benchmarks.transfer.curve).")
    drawn = chart(
        x,
        Axis(0, 1, SHARES),
        *marks,
        title="Accuracy on test, by pictures of each kind",
        legend=legend,
        words=words,
        kind="wl-transfer-curve",
    )
    return group("wl-transfer-by-count", facts, group("", drawn, missing))


def _pictures(n: int) -> str:
    return f"{n} pictures" if n > 1 else "1 picture"


def _range(values: Sequence[float]) -> str:
    return f"{100 * min(values):.0f} to {100 * max(values):.0f} %"


def _band(levels: Mapping[int, Sequence[float]], kind: str) -> list[Mark]:
    counts = sorted(levels)
    low, high = [(n, min(levels[n])) for n in counts], [(n, max(levels[n])) for n in counts]
    mean = [(n, sum(levels[n]) / len(levels[n])) for n in counts]
    return [Line([*low, *reversed(high)], kind=f"{kind} wl-transfer-band", closed=True), Line(mean, kind=kind)]


# Depth


def depth_text(kept: Mapping[str, Tensor], at: int) -> Markup:
    """Accuracy on validation of a linear head on each block's features, the chosen one marked."""
    accuracy_L, valid_C = kept["depth_accuracy"][:, 1].tolist(), kept["valid_label"].bincount()
    n, pictures, most = len(accuracy_L), int(valid_C.sum()), valid_C.max() / valid_C.sum()
    points = [(i, value) for i, value in enumerate(accuracy_L, start=1)]
    at = min(max(at, 1), n)
    words = (
        f"A linear head on block {at} of {n} is right on {per_cent(accuracy_L[at - 1])} of {pictures} validation pictures; guessing the most "
        f"frequent kind gets {per_cent(most.item())}."
    )
    return chart(
        Axis(1, n, [(1, "1"), (n, str(n))], "block"), Axis(0, 1, SHARES), Line(points), Rule(x=at, kind="wl-transfer-at"),
        Dots([(at, accuracy_L[at - 1], 5.0)]), title="Accuracy on validation by depth", words=words, kind="wl-transfer-curve",
    )  # fmt: skip


# What falls first


def changed_text(x_3HW: Tensor, said: Mapping[str, Tensor], target: int) -> Markup:
    """The changed picture, and beside it what the net and the colours say of it."""
    shown = picture(photograph(x_3HW), "The picture in another light, or on another ground")
    told = []
    for name, p_C in said.items():
        answer = int(p_C.argmax())
        holds = "wl-transfer-holds" if answer == target else "wl-transfer-fallen"
        told.append(
            Markup('<div class="{}"><h3>{}</h3><p>{}</p><p>{} for {}</p></div>').format(
                holds, name, CLASSES[answer], per_cent(p_C[target].item()), CLASSES[target]
            )
        )
    return group("wl-transfer-changed", figure(shown), group("wl-transfer-told", *told))


def falls_text(falls: Falls, target: int, tint: float, kept: float) -> Markup:
    """How far each believes in the class, by light and by ground, and which falls first."""
    if not falls.tints:
        return note("Nobody is here to ask: neither a tuned backbone nor the colours.")
    light = _fall_chart(
        falls.tints, TINTS, tint, Axis(TINTS[0], TINTS[-1], [(TINTS[0], "bluer"), (TINTS[-1], "redder")], "light, in stops"),
        f"“{CLASSES[target]}” by light", _first(falls.tints, TINTS, 0.0, _stops),
    )  # fmt: skip
    ground = _fall_chart(
        falls.kept, KEPT, kept, Axis(1, KEPT[-1], [(1, "all stays"), (KEPT[-1], "10 %")], "of the picture"),
        f"“{CLASSES[target]}” by what stays", _first(falls.kept, KEPT, 1.0, _left),
    )  # fmt: skip
    return group("wl-transfer-falls", light, ground)


def falls_on_test(found: Mapping[str, Any]) -> Markup:
    """The same over the whole test set: accuracy by light and by what stays, as the benchmark measured it."""
    n = found["n"]
    light = _fall_chart(
        found["tints"], TINTS, 0.0, Axis(TINTS[0], TINTS[-1], [(TINTS[0], "bluer"), (TINTS[-1], "redder")], "light, in stops"),
        f"Right, of {n} test pictures, by light", _right(found["tints"], TINTS.index(2.0), "two stops redder"),
    )  # fmt: skip
    ground = _fall_chart(
        found["kept"], KEPT, 1.0, Axis(1, KEPT[-1], [(1, "all stays"), (KEPT[-1], "10 %")], "of the picture"),
        f"Right, of {n} test pictures, by what stays", _right(found["kept"], KEPT.index(0.3), "30 % left on grey"),
    )  # fmt: skip
    return group("wl-transfer-falls", light, ground)


def _right(levels: Mapping[str, Sequence[float]], at: int, words: str) -> str:
    return f"With {words}: {', '.join(f'{name} {per_cent(values[at])}' for name, values in levels.items())}."


def _fall_chart(
    levels: Mapping[str, Sequence[float]], stops: Sequence[float], at: float, x: Axis, title: str, words: str
) -> Markup:
    marks: list[Mark] = [
        Line(list(zip(stops, values, strict=True)), kind="wl-other" if name == COLOURS else "wl-line")
        for name, values in levels.items()
    ]
    legend = join(key("wl-other" if name == COLOURS else "", name) for name in levels)
    return chart(
        x, Axis(0, 1, SHARES), *marks, Rule(x=at, kind="wl-transfer-at"), title=title, legend=legend, words=words,
        kind="wl-transfer-curve",
    )  # fmt: skip


def _first(
    levels: Mapping[str, list[float]], stops: tuple[float, ...], unchanged: float, unit: Callable[[float], str]
) -> str:
    fallen = first_to_fall(levels, stops, unchanged)
    told = []
    for name, stop in fallen.items():
        if stop is None:
            told.append(f"{name} never falls below a half")
        elif stop == unchanged:
            told.append(f"{name} is below a half from the start")
        else:
            told.append(f"{name} falls below a half at {unit(stop)}")
    return f"{'; '.join(told)}." if told else "Nobody is here to ask."


def _stops(tint: float) -> str:
    return f"{abs(tint):g} stop{'' if abs(tint) == 1 else 's'} {'redder' if tint > 0 else 'bluer'}"


def _left(kept: float) -> str:
    return f"{100 * kept:.0f} % of the picture left"


# The map


def map_text(map_N2: Tensor, label_N: Tensor, place_2: Tensor | None, reading: Reading | None) -> Markup:
    """Training pictures by class, each class named where it lies, and the picture above where its nearest ones are."""
    x, y = (Axis(map_N2[:, i].min().item() - 3, map_N2[:, i].max().item() + 3) for i in (0, 1))
    marks: list[Mark] = []
    for k, name in enumerate(CLASSES):
        mine_K2 = map_N2[label_N == k]
        marks.append(Dots([(*at, 1.3) for at in mine_K2.tolist()], kind=f"wl-transfer-k{k}"))
        marks.append(Label(_within(mine_K2), name, kind="wl-transfer-name"))
    words = f"{len(map_N2)} training pictures, by t-SNE of what MobileNet v2 makes of them."
    if place_2 is not None:
        marks.append(Dots([(*place_2.tolist(), 5.0)], kind="wl-transfer-ring"))
        far = (
            " It is a stranger: its nearest are far, and the ring means little." if reading and reading.strange else ""
        )
        words += f" Ring: the picture above, in the middle of its five nearest.{far}"
    return chart(x, y, *marks, title="The groceries’ map", words=words, square=True, kind="wl-transfer-map")


def _within(at_K2: Tensor) -> tuple[float, float]:
    """The member of a class that is nearest to its median, so that the name lies on the class."""
    nearest = (at_K2 - at_K2.median(0).values).square().sum(1).argmin()
    x, y = at_K2[nearest].tolist()
    return x, y


# The test set


def confusion_text(kept: Mapping[str, Tensor]) -> Markup:
    """Counts with the truth in rows, recall, and what was mistaken most."""
    counts_CC = kept["confusion"]
    recall = [
        f"{hit / max(1, n):.2f}" for hit, n in zip(counts_CC.diag().tolist(), counts_CC.sum(1).tolist(), strict=True)
    ]
    n, right = int(counts_CC.sum()), int(counts_CC.diag().sum())
    pairs = [f"{CLASSES[t]} for {CLASSES[a]} ({k})" for t, a, k in kept["pairs"][:4].tolist()]
    told = f"Wrong on {n - right} of {n} test pictures, macro-F1 {macro_f1(counts_CC):.3f}."
    most = f" Most often it was {', '.join(pairs)}, truth first." if pairs else ""
    drawn = confusion(
        counts_CC, CLASSES, caption="Truth (rows) against answer (columns), test pictures", shares={"recall": recall}
    )
    return join([drawn, note(told + most)])


def worst_text(kept: Mapping[str, Tensor]) -> Markup:
    """The pictures whose truth was least believed."""
    if "worst_pictures" not in kept:
        return EMPTY
    shown = []
    for x_3HW, i in zip(kept["worst_pictures"], kept["worst"].tolist(), strict=False):
        truth, p_C = int(kept["label"][i]), kept["p"][i]
        said = int(p_C.argmax())
        words = (
            f"said {CLASSES[said]}, {per_cent(p_C[said].item())}"
            if said != truth
            else f"right, {per_cent(p_C[said].item())}"
        )
        shown.append(figure(picture(photograph(x_3HW), f"A test picture of {CLASSES[truth]}"), CLASSES[truth], words))
    return group("wl-transfer-near", *shown) + note("The worst of the test set: what it is, and what was said.")


def learning_chart(kept: Mapping[str, Tensor]) -> Markup:
    """How the net learnt: loss on training pictures, accuracy on validation."""
    if "learning_valid" not in kept:
        return EMPTY
    charts = []
    for name, title, log in (
        ("learning_loss", "Loss on training pictures", True),
        ("learning_valid", "Accuracy on validation", False),
    ):
        points = [(x, y) for x, y in kept[name].tolist()]
        steps, values = zip(*points, strict=True)
        y = Axis(
            min(values),
            max(values),
            [(min(values), f"{min(values):.3g}"), (max(values), f"{max(values):.3g}")],
            log=log,
        )
        x = Axis(steps[0], steps[-1], [(steps[0], f"{steps[0]:.0f}"), (steps[-1], f"{steps[-1]:.0f}")], "steps")
        charts.append(
            chart(x, y, Line(points), title=title, words=f"From {values[0]:.3g} to {values[-1]:.3g}.", kind="wl-chart")
        )
    return group("wl-transfer-learning", *charts)


def strangers_text(kept: Mapping[str, Tensor]) -> Markup:
    """How many groceries are warned of by mistake."""
    return note(
        f"Of {len(kept['label'])} test groceries {per_cent(kept['familiar_mistaken'].item())} get the warning of a stranger by mistake: "
        "they lie farther from their fifth nearest training picture than 98 of 100 validation pictures do. A stranger may still "
        "slip through."
    )


def measured_table(found: Mapping[str, Any]) -> Markup:
    """A table of a benchmark as it was kept."""
    rows = [(row[0], row[1:]) for row in found["rows"]]
    return table(found["columns"], rows, caption=found["caption"])
