"""What the Diagnose tab draws: the answer in words, heat over a picture, what each check found, and the test set's results."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from torch import Tensor

from demos._ui import pictures
from demos._ui.charts import Axis, Dots, Line, chart
from demos._ui.html import (
    EMPTY,
    Text,
    bars,
    best,
    confusion,
    figure,
    group,
    join,
    note,
    number,
    per_cent,
    small,
    stranger,
    strong,
    table,
    title,
    verdict,
)
from demos._ui.nets import Net
from demos._ui.pictures import picture, stack
from demos.diagnose.maps import GRADCAM, Form, Stage, Verdict
from demos.diagnose.nets import Reading
from demos.diagnose.subjects import Subject
from metrics.classification import calibration_error, macro_f1
from metrics.detection import macro_auc
from signals import image

WARNING = "Not a medical device: never for a patient."
FORMS = note(
    "Read and explained by the int8 arithmetic computed in float, layer by layer, since a compiled int8 graph takes half a "
    "minute to build and has no gradients. Test figures, size and time are those of the compiled graphs (torchao's pt2e), "
    "measured by this tab's benchmark."
)
ENDS = [(0.0, "0"), (1.0, "1")]
SHARES = [*ENDS, (0.5, "0.5")]
EVEN = Line([(0, 0), (1, 1)], kind="wl-diagnose-even")
"""The diagonal of a chart of shares."""


# The answer


def answer_text(subject: Subject, reading: Reading) -> Markup:
    """The answer in words, and then the truth where it is known; of a stranger, the warning first."""
    answer = int(reading.p_C.argmax())
    said = f"{subject.classes[answer].capitalize()}, {sure(reading.p_C[answer].item())} sure"
    truth = _truth_text(subject, reading.truth.label, answer) if reading.truth else EMPTY
    if reading.unfamiliar:
        told = stranger(*_warning(subject, reading), _paragraph(join([said, truth], ". ") if truth else said))
    else:
        told = join([title(said, level=2), _paragraph(truth) if truth else EMPTY])
    return group("wl-diagnose-answer", told)


def sureness_text(net: Net[Any], subject: Subject, reading: Reading, milliseconds: float) -> Markup:
    """How sure the net is of each class, whose net it is, and what it is not for."""
    familiar = "" if reading.unfamiliar else f"It looks like the {subject.thing}s that the net learnt from. "
    kind = "wl-diagnose-doubted" if reading.unfamiliar else ""
    return group(
        f"wl-diagnose-answer {kind}".strip(),
        bars(reading.p_C.tolist(), subject.classes, marked=int(reading.p_C.argmax())),
        _paragraph(small(f"{familiar}{milliseconds:.0f} ms, {net.whose}. {WARNING}")),
    )


def about_text(subject: Subject, number: Markup) -> Markup:
    """The number of the subject's net, and of what kind its examples are."""
    drawn = f"These {subject.thing}s are drawn: the real ones may not be passed on. The net may take them for real."
    return group(
        "wl-diagnose-about", number, note("Real films that the net has never seen." if subject.ships else drawn)
    )


def sure(p: float) -> str:
    """A probability in whole per cent that never rounds a doubt away."""
    return "> 99 %" if p > 0.99 else f"{100 * p:.0f} %"


def _truth_text(subject: Subject, label: int, answer: int) -> Markup:
    kind, words = ("wl-diagnose-right", "Right") if label == answer else ("wl-diagnose-wrong", "Wrong")
    return Markup('<span class="{}">{}</span>: the {} was labelled {}.').format(
        kind, words, subject.thing, subject.classes[label]
    )


def _warning(subject: Subject, reading: Reading) -> tuple[str, str]:
    """What is told first of a picture that is none of the net's world, and why."""
    head = f"This is not like the {subject.thing}s it learnt from"
    meaning = f"It expects {subject.wants}; of anything else its answer means nothing."
    if reading.coloured:
        return head, f"The picture has colour, and a chest film has none. {meaning}"
    far = reading.distance / reading.threshold
    return head, f"It lies {far:.1f} times as far from them as a {subject.thing} may. {meaning}"


def _paragraph(words: Text) -> Markup:
    return Markup("<p>{}</p>").format(words)


# Maps


def overlay(reading: Reading, heat_HW: Tensor | None, title: Text, words: Text, *, with_rim: bool = True) -> Markup:
    """One picture with its map over it, at the strength that the page's slider sets, and the lesion's outline."""
    layers = [picture(image.from_rgb(reading.x_3HW), kind="wl-under" if heat_HW is None else "wl-diagnose-under")]
    if heat_HW is not None:
        layers.append(picture(pictures.heat(heat_HW, fading=True), kind="wl-diagnose-heat"))
    if with_rim and reading.mask is not None:
        layers.append(picture(pictures.rim(reading.mask), kind="wl-diagnose-rim"))
    return figure(stack(join([title, words], " "), *layers), title, words)


def map_text(reading: Reading, found: Verdict, name: str, method: str, where: str) -> Markup:
    """The map of class `name` over the picture, large, and beside it the picture as the net sees it.

    `where` says in words which layer was listened to.
    """
    side = reading.x_3HW.shape[-1]
    outlined = ", with the dermatologist's outline" if reading.mask is not None else ""
    place = f" {method} at {where}." if method == GRADCAM else f" {method}, which asks the pixels."
    return group(
        "wl-diagnose-maps",
        overlay(
            reading, found.heat_HW, "Where it looked",
            f"Yellow spoke most for “{name}”; where the picture is clear, nothing did.{place}",
        ),
        overlay(reading, None, "What it sees", f"{side} × {side} pixels{outlined}"),
    )  # fmt: skip


def map_verdict(found: Verdict, name: str) -> Markup:
    """Whether the map holds, in words and numbers; a map that fails its check says so."""
    if found.silent:
        words = f"Nothing here speaks for “{name}”: the map is empty, so there is nothing to check."
        return verdict(None, "No map", words)
    before, after, random = (per_cent(p) for p in (found.before, found.after, found.random))
    moved = "falls" if found.after < found.before else "rises"
    facts = Markup(
        "With the hottest fifth of the picture blanked out, “{}” {} from {} to <b>{}</b>. With a fifth elsewhere blanked out "
        "(mean of eight) it is {}."
    ).format(name, moved, before, after, random)
    if found.holds:
        holds, head, further = True, "This map holds", ""
    elif found.before < 0.05:
        holds, head, further = (
            None, "This map cannot be checked", f" The net hardly believes in “{name}” to begin with.",
        )  # fmt: skip
    else:
        holds, head = False, "This map fails its check"
        further = " What is hot matters no more than the rest: do not read anything into it."
    return verdict(holds, head, join([facts, further, _inside_text(found)]))


def _inside_text(found: Verdict) -> Markup:
    if found.inside is None or found.area is None:
        return EMPTY
    return Markup(
        " <b>{}</b> of the heat lies inside the lesion's outline, which covers {} of the picture: {:.2f} times what heat "
        "spread evenly would give."
    ).format(per_cent(found.inside), per_cent(found.area), found.inside / max(found.area, 1e-9))


def randomization_text(reading: Reading, stages: Sequence[Stage], *, done: bool) -> Markup:
    """The map after each stage that lost its weights, with its likeness to the first, and what follows at the end."""
    maps = group(
        "wl-diagnose-stages",
        *(
            overlay(reading, heat_HW, number(alike, "+.2f"), f"{name} forgotten", with_rim=False)
            for name, heat_HW, alike in stages
        ),
    )
    if not done:
        return maps + note("Forgetting, from the answer backwards …")
    late = stages[len(stages) // 2 :]
    last = sum(abs(alike) for *_, alike in late) / max(1, len(late))
    words = (
        f"The map melts: with half of the layers forgotten it is hardly like the first any more (mean rank correlation {last:.2f} "
        "where 1 is the same map). It shows what the net has learnt."
        if last < 0.5
        else f"The map does not melt: with half of the layers forgotten it is still like the first (mean rank correlation "
        f"{last:.2f}). It shows the picture's own edges and colours more than what the net has learnt."
    )
    return maps + note(words)


def areas_text(found: Mapping[str, tuple[float, float]]) -> Markup:
    """The areas under deletion and insertion, of the map and of the same map elsewhere."""
    deleted, inserted = found["deletion"], found["insertion"]
    return note(
        f"Deletion, hottest first: area {deleted[0]:.2f} against {deleted[1]:.2f} for the map laid down elsewhere (lower is "
        f"better). Insertion: {inserted[0]:.2f} against {inserted[1]:.2f} (higher is better)."
    )


def forms_text(reading: Reading, forms: Sequence[Form], names: Sequence[str], rows: Mapping[str, Any]) -> Markup:
    """The same picture in every arithmetic: its answer and its map, and what the benchmark's `rows` say of each."""
    return group("wl-diagnose-forms", *(_form(reading, form, forms[0], names, rows) for form in forms)) + FORMS


def _form(reading: Reading, form: Form, whole: Form, names: Sequence[str], rows: Mapping[str, Any]) -> Markup:
    answer = names[int(form.p_C.argmax())]
    off = (form.p_C - whole.p_C).abs().max().item()
    words = f"{answer}, {per_cent(form.p_C.max().item())}" + (f"; off by {100 * off:.2f} points" if off else "")
    row = rows.get(form.kind)
    measured = row and small(
        f"test: macro-F1 {row['macro_f1']:.3f}, accuracy {100 * row['accuracy']:.1f} %, {row['bytes'] / 1000:.0f} KB, "
        f"{row['latency_ratio']:.2f} × the time"
    )
    return overlay(reading, form.heat_HW, form.kind, join([words, measured], " ") if measured else words)


# The test set


def results_text(
    net: Net[Any], subject: Subject, strangers: Sequence[Mapping[str, Any]], beside: Sequence[tuple[str, float]]
) -> Markup:
    """What is measured on the test set: right and wrong, strangers noticed, and the best of the others."""
    said = [_measured(net.evidence, subject), *_noticed(strangers, subject), *_best_beside(beside, subject)]
    return group(
        "wl-diagnose-results",
        group("wl-diagnose-confusion", confusion_table(net.evidence["confusion"], subject.classes)),
        group("wl-diagnose-said", *map(note, said)),
    )


def further_text(
    net: Net[Any], subject: Subject, strangers: Sequence[Mapping[str, Any]], beside: Sequence[tuple[str, float]]
) -> Markup:
    """What the net learnt from, whether it is as sure as it is right, and strangers and others one by one."""
    kept = net.evidence
    learnt = title("What it learnt from"), imbalance_text(kept["train_counts"], subject.classes)
    return group(
        "wl-diagnose-results",
        reliability_chart(kept["reliability_raw"], kept["reliability"]),
        group("wl-diagnose-classes", *learnt),
        group("wl-diagnose-table", strangers_table(strangers)) if strangers else EMPTY,
        group("wl-diagnose-table", beside_table(beside, subject)) if len(beside) > 1 else EMPTY,
    )


def _measured(kept: Mapping[str, Tensor], subject: Subject) -> str:
    n, units = len(kept["label"]), len(kept["unit"].unique())
    wrong = n - int(kept["confusion"].diag().sum())
    found = f"Wrong on {wrong:,} of {n:,} test {subject.thing}s" + (f" of {units} patients" if units < n else "")
    return (
        f"{found}. Macro-F1 {macro_f1(kept['confusion']):.3f}, AUC {macro_auc(kept['p'], kept['label']):.3f} (1 is perfect; "
        f"guessing gets about {1 / len(subject.classes):.2f} and 0.50)."
    )


def _noticed(rows: Sequence[Mapping[str, Any]], subject: Subject) -> list[str]:
    """How many strangers get the warning, of which kind the fewest, and how many of its own."""
    if not rows:
        return []
    n, least = sum(row["n"] for row in rows), min(rows, key=lambda row: row["caught"])
    caught = sum(row["n"] * row["caught"] for row in rows) / n
    fewest = f" (of {least['against']} {per_cent(least['caught'])})" if least["caught"] < 1 else ""
    return [
        f"Of {n:,} pictures of other things {per_cent(caught)} get the warning{fewest}; of its own {rows[0]['n_own']:,} "
        f"test {subject.thing}s {per_cent(rows[0]['mistaken'])} get it by mistake. Where to warn was settled without them."
    ]


def _best_beside(rows: Sequence[tuple[str, float]], subject: Subject) -> list[str]:
    """The best of the others on the same test pictures."""
    others, metric = [row for row in rows if row[0]], subject.recipe.headline
    if not others:
        return []
    name, value = others[0]
    return [f"The best of the others on the same {subject.thing}s: {name}, {metric.title} {metric.text(value)}."]


def beside_table(rows: Sequence[tuple[str, float]], subject: Subject) -> Markup:
    """The shipped net (“”) among others that were asked about the same test pictures, by the headline."""
    metric = subject.recipe.headline
    return table(
        ["net or method", metric.title],
        [
            (name, [metric.text(value)]) if name else (strong("the net of this page"), [best(metric.text(value))])
            for name, value in rows
        ],
        caption=f"Beside others, on the same test {subject.thing}s",
    )


def strangers_table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """How many pictures of other things are noticed, kind by kind."""
    return table(
        ["pictures of other things", "noticed", "n"],
        [
            (row["against"] + (" *" if row.get("unseen") else ""), [f"{100 * row['caught']:.0f} %", f"{row['n']:,}"])
            for row in rows
        ],
        caption="Strangers: how many get the warning (*: kinds that it was not settled with)",
    )


def confusion_table(counts_CC: Tensor, names: Sequence[str]) -> Markup:
    """Counts with the truth in rows, and recall and F1 class by class."""
    hits_C, truth_C, answers_C = counts_CC.diag().double(), counts_CC.sum(1).double(), counts_CC.sum(0).double()
    recall_C, f1_C = hits_C / truth_C.clamp(min=1), 2 * hits_C / (truth_C + answers_C).clamp(min=1)
    shares = {"recall": recall_C, "F1": f1_C}
    return confusion(
        counts_CC, names, caption="Truth (rows) against answer (columns), test pictures",
        shares={name: [f"{value:.2f}" for value in value_C.tolist()] for name, value_C in shares.items()},
    )  # fmt: skip


def imbalance_text(count_C: Tensor, names: Sequence[str]) -> Markup:
    """How many training pictures each class had, and what the loss did about it."""
    count_C = count_C.double()
    most, least = int(count_C.argmax()), int(count_C.argmin())
    words = (
        f"{int(count_C.sum()):,} training pictures: {count_C[most] / count_C[least]:.1f} times as many of {names[most]} as of "
        f"{names[least]}. A mistake on a rare kind weighs more in training."
    )
    return bars((count_C / count_C.sum()).tolist(), names, marked=most) + note(words)


def reliability_chart(raw_K3: Tensor, fitted_K3: Tensor) -> Markup:
    """Accuracy against confidence in ten bins (n, confidence, accuracy), before and after the temperature."""
    raw, fitted = (100 * calibration_error(bins_K3) for bins_K3 in (raw_K3, fitted_K3))
    return chart(
        Axis(0, 1, ENDS, "confidence"), Axis(0, 1, SHARES), EVEN,
        Dots(_dots(raw_K3), kind="wl-diagnose-raw"), Dots(_dots(fitted_K3)),
        title="How sure against how right", square=True,
        words=f"Accuracy against confidence. Filled: with the temperature, {fitted:.1f} points apart on average; open: as "
        f"trained, {raw:.1f}. On the line is honest; a larger dot is more pictures.",
    )  # fmt: skip


def _dots(bins_K3: Tensor) -> list[tuple[float, float, float]]:
    """Confidence, accuracy and a radius whose square grows with the pictures, for each bin that has any."""
    most = max(1.0, bins_K3[:, 0].max().item())
    return [(c, a, 3.2 + 6.8 * (n / most) ** 0.5) for n, c, a in bins_K3.tolist() if n]


def waiting_text(names: Sequence[str]) -> Markup:
    """The recipes that nobody has trained yet, where there are any, with the commands that would."""
    if not names:
        return EMPTY
    commands = ", ".join(f"python -m training fit {name}" for name in names)
    return note(
        "DermaMNIST and PathMNIST have recipes here but no weights yet, because the data could not be had on the machine "
        f"that trained the others; where there is a network, this makes them: {commands}."
    )
