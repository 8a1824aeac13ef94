"""What is drawn of a visitor's own head: how often it is right left out, its map, and what it says of a new picture."""

import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import Axis, Dots, Label, Mark, chart
from demos._ui.html import EMPTY, Figure, bars, group, join, note, number, readouts, title
from demos.transfer.own import Head, Lesson

STRANGE = 1.6
"""Times as far as one's own pictures lie from one another: beyond that a new one is called unlike them all."""
MANY_WRONG = 8


def problems_text(lesson: Lesson) -> Markup:
    """What was left out, and why."""
    return group("wl-transfer-problems", *map(note, lesson.problems)) if lesson.problems else EMPTY


def head_text(lesson: Lesson, head: Head) -> Markup:
    """How often it is right about pictures left out, with the interval, in how long; and which it gets wrong."""
    n = len(head.label_N)
    facts = [
        Figure(f"{n}", f"pictures of {len(head.kinds)} kinds"),
        Figure(f"{head.seconds:.1f} s", f"features and head; the head alone {head.solved_ms:.0f} ms"),
    ]
    if not head.checked:
        words = "One picture of each kind makes a head, but nothing to check it by: add a second one of each."
        return join([readouts(*facts), note(words), problems_text(lesson)])
    low, high, _ = head.interval
    right = Figure(
        f"{head.right} of {n}", f"right when left out: {100 * low:.0f} to {100 * high:.0f} % of such pictures"
    )
    guess = (
        f"Each picture is told by a head that never saw it. 95 % interval (Wilson); guessing gets about 1 of {len(head.kinds)}. "
        "Pictures taken in one go are alike: others will be harder."
    )
    return join([readouts(right, *facts), _wrong(head), note(guess), problems_text(lesson)])


def _wrong(head: Head) -> Markup:
    missed = [
        f"{name} ({head.kinds[label]} → {head.kinds[said]})"
        for name, label, said in zip(head.names, head.label_N.tolist(), head.left_out, strict=True)
        if said != label
    ]
    if not missed:
        return EMPTY
    more = f", and {len(missed) - MANY_WRONG} more" if len(missed) > MANY_WRONG else ""
    return note(f"Wrong when left out: {', '.join(missed[:MANY_WRONG])}{more}.")


def tried_text(head: Head, x_1D: Tensor) -> Markup:
    """What the head says of a new picture: a score a kind, and whether it is like any of its pictures."""
    score_C = head.scores(x_1D)[0]
    said = int(score_C.argmax())
    far = head.strangeness(x_1D)
    words = (
        f"It is {far:.1f} times as far from the nearest of your pictures as those lie from one another: unlike all of them, so the "
        "answer means little."
        if far > STRANGE
        else "1 is like that kind's pictures, 0 like the others'."
    )
    shown = bars(score_C.tolist(), head.kinds, marked=said, words=[number(s, ".2f") for s in score_C.tolist()])
    head_line = title(f"{head.kinds[said]}{', perhaps' if far > STRANGE else ''}")
    return group("wl-transfer-tried", head_line, shown, note(words))


def own_map(head: Head, groceries_MD: Tensor | None) -> Markup:
    """One's own pictures by kind on the plane where they spread most, groceries as a grey crowd."""
    none_MD = torch.zeros(0, head.x_ND.shape[1])
    own_N2, crowd_M2 = head.plane(none_MD if groceries_MD is None else groceries_MD)
    x, y = (_axis(own_N2[:, i], crowd_M2[:, i]) for i in (0, 1))
    crowd = Dots([(*at, 1.0) for at in crowd_M2.tolist()], kind="wl-transfer-crowd")
    marks: list[Mark] = [crowd]
    for k, kind in enumerate(head.kinds):
        mine_K2 = own_N2[head.label_N == k]
        marks.append(Dots([(*at, 2.6) for at in mine_K2.tolist()], kind=f"wl-transfer-k{k}"))
        marks.append(Label(tuple(mine_K2.median(0).values.tolist()), kind, kind="wl-transfer-name"))  # type: ignore[arg-type]
    words = f"Your {len(own_N2)} pictures as the backbone sees them, on the plane where they lie farthest apart."
    beside = f" Grey: {len(crowd_M2)} groceries." if len(crowd_M2) else ""
    return chart(
        x, y, *marks, title="Your pictures among groceries", words=words + beside, square=True, kind="wl-transfer-map"
    )


def _axis(*parts: Tensor) -> Axis:
    every = torch.cat(parts)
    room = 0.08 * max(1e-6, (every.max() - every.min()).item())
    return Axis(every.min().item() - room, every.max().item() + room)


def advice_text(lesson: Lesson) -> Markup:
    """What is missing for a head, and what was left out."""
    return join([note(lesson.advice), problems_text(lesson)])
