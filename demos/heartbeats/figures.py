"""One lead and one of its beats in words and pictures: how well the nets did, what they said of the beat, and why."""

from collections.abc import Mapping

import numpy as np
from markupsafe import Markup

from demos._ui import html
from demos._ui.html import bars, group, join, note, small, strong, table
from demos.heartbeats.nets import OURS, TITLES, Found, Reading, heats, net, rhythm_attribution, score, seen_by_trees
from demos.heartbeats.records import KINDS, PAPER_SECONDS
from demos.heartbeats.strangers import doubt
from demos.heartbeats.strip import Beat, heat_beat, letter
from signals import ecg
from signals.ecg import CLASSES, NAMES, RATE_HZ
from signals.ecg_context import ABSOLUTE, AROUND, STEP
from signals.ecg_likeness import rate
from signals.ecg_measures import MEASURES

HALF = 180
"""Samples on either side of R in the picture of a beat: half a second."""


def verdict_text(reading: Reading, start: float) -> Markup:
    """What the best net made of the half minute on the paper, held against the truth; a doubt comes first."""
    told = group(
        "wl-heartbeats-verdict", Markup("<p>{}</p>").format(strong(_verdict(reading, start))), _about(reading, start)
    )
    doubted = doubt(reading, start, PAPER_SECONDS)
    return html.stranger(doubted.title, doubted.sentence, told) if doubted else told


def _verdict(reading: Reading, start: float) -> str:
    n = len(shown(reading, start))
    if reading.truth is None:
        answer_B = reading.answer(OURS)[shown(reading, start)]
        n = int((answer_B >= 0).sum())
        left = f"; {len(answer_B) - n} beside a gap are not judged" if n < len(answer_B) else ""
        odd = [f"{count} {KINDS[k]}" for k in KINDS if (count := int((answer_B == CLASSES.index(k)).sum()))]
        return f"{_and(odd)} among {n} beats{left}." if odd else f"{n} beats, all normal{left}."
    found = {k: it for k, it in score(reading, OURS, start, PAPER_SECONDS).items() if k in KINDS}
    hits = [f"{it.hits} of {it.n} {KINDS[k]}" for k, it in found.items() if it.n]
    false = sum(it.false for it in found.values())
    alarms = f"{false} false alarm{'s' * (false != 1)}" if false else "no false alarm"
    if not hits:
        return f"{n} beats, none out of turn: {alarms}."
    return f"Found {_and(hits)} beats; {alarms}."


def _about(reading: Reading, start: float) -> Markup:
    """What is on the paper, who judged it, and whatever was noticed about the lead."""
    index = shown(reading, start)
    pulse = f"{rate(reading.beats.r_B.numpy()[index]):.0f} beats a minute. " if len(index) > 1 else ""
    who = "Your net answers. " if reading.own else ""
    ring = "" if reading.truth is None else "A ring marks an error."
    remarks = join(Markup("<p>{}</p>").format(remark) for remark in reading.remarks)
    return join([
        small(f"{reading.lead.title}, {pulse}{who}{_better(reading, start)}{ring}"),
        Markup('<div class="wl-heartbeats-remarks">{}</div>').format(remarks) if remarks else "",
    ])  # fmt: skip


def _better(reading: Reading, start: float) -> str:
    """Which other net would have done better here, where one would by more than one beat."""
    if reading.truth is None:
        return ""
    wrong = {}
    for name in reading.p:
        found = score(reading, name, start, PAPER_SECONDS).values()
        wrong[name] = sum(max(it.n - it.hits, it.false) for it in found)
    best = min(wrong, key=lambda name: wrong[name])
    if wrong[best] >= wrong[OURS] - 1:
        return ""
    return f"Here the {reading.title(best)} does better. "


def shown(reading: Reading, start: float) -> np.ndarray:
    """The numbers of the beats on the paper."""
    at_B = reading.beats.r_B.numpy() / RATE_HZ
    return np.flatnonzero((at_B >= start) & (at_B < start + PAPER_SECONDS))


def _and(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def key_text() -> Markup:
    """What the letters stand for, in a word each; their full names are a beat's own."""
    words = {"N": "normal"} | KINDS
    return group("wl-heartbeats-key", *(Markup("<span>{} {}</span>").format(letter(k), words[k]) for k in CLASSES))


def counts_text(reading: Reading) -> Markup:
    """Every net on the whole lead: found and false of each kind where the truth is known, else how many of each."""
    caption = f"All {len(reading.beats.r_B):,} beats of {reading.lead.title}"
    if reading.truth is None:
        counted = {name: np.bincount(b[b >= 0], minlength=5) for name in reading.p for b in [reading.answer(name)]}
        kept = [k for k in range(5) if any(n_C[k] for n_C in counted.values())]
        rows = [(reading.title(name), [f"{n_C[k]:,}" for k in kept]) for name, n_C in counted.items()]
        return table([letter(CLASSES[k]) for k in kept], rows, caption=caption)
    scores = {name: score(reading, name, 0, reading.lead.seconds) for name in reading.p}
    kinds = [k for k in CLASSES if any(k in found for found in scores.values())]
    rows = [(reading.title(name), [_cell(found, k) for k in kinds]) for name, found in scores.items()]
    return table(
        [letter(k) for k in kinds], rows, caption=f"{caption}: found of how many, and how many others were called so"
    )


def _cell(found: Mapping[str, Found], kind: str) -> str:
    it = found.get(kind)
    return "–" if it is None else f"{it.hits:,} of {it.n:,}, {it.false:,} false"


def beat_text(reading: Reading, i: int) -> Markup:
    """The chosen beat in words."""
    at, n = int(reading.beats.r_B[i]) / RATE_HZ, len(reading.beats.r_B)
    if not reading.judged[i]:
        return note(f"Beat {i + 1} of {n:,}, at {at:.2f} s: there is a gap beside it, so it is not judged.")
    name = CLASSES[int(reading.p[OURS][i].argmax())]
    letters = {reading.title(n): CLASSES[int(p_BC[i].argmax())] for n, p_BC in reading.p.items()}
    agree = len(set(letters.values())) == 1
    others = "All nets agree" if agree else "The nets differ: " + ", ".join(f"{n} {c}" for n, c in letters.items())
    truth = ""
    if reading.annotated is not None and reading.annotated[i] >= 0:
        truth = f" In truth it is {CLASSES[reading.annotated[i]]}."
    return Markup(
        '<div class="wl-answer"><div class="wl-digit wl-heartbeats-{}">{}</div><div><p>{}</p>'
        "<p>Beat {} of {:,}, at {:.2f} s. {}.{}</p></div></div>"
    ).format(name, name, strong(NAMES[name]), i + 1, n, at, others, truth)


def nets_text(reading: Reading, i: int, method: str) -> Markup:
    """For every net one beat under its heat, and its probabilities."""
    return group("wl-heartbeats-nets", *(_net_text(reading, name, i, method) for name in reading.p))


def _net_text(reading: Reading, name: str, i: int, method: str) -> Markup:
    p_C = reading.p[name][i]
    k = int(p_C.argmax())
    seen = heats(name, net(name, reading.own).model, reading.beats, i, k, method)
    title = f"{reading.title(name)}: {CLASSES[k]}, {'attention of its heads' if len(seen) > 1 else method}"
    picture = heat_beat(_beat_of(reading, i, alone=name != OURS), seen, title=title)
    return Markup("<div>{}{}</div>").format(picture, bars(p_C.tolist(), [letter(c) for c in CLASSES], marked=k))


def _beat_of(reading: Reading, i: int, *, alone: bool) -> Beat:
    """One beat in mV as a net sees it: `alone` up to halfway to its neighbours, or with the patient's usual beat."""
    r_B = reading.beats.r_B.numpy()
    x_T = ecg.cut(reading.clean_T, r_B[i : i + 1], HALF, HALF)[0]
    if alone:
        before = min(ecg.ALONE, r_B[i] - r_B[i - 1] if i else ecg.ALONE) / 2 / RATE_HZ
        after = min(ecg.ALONE, r_B[i + 1] - r_B[i] if i + 1 < len(r_B) else ecg.ALONE) / 2 / RATE_HZ
        return Beat(x_T, np.arange(-ecg.ALONE // 2, ecg.ALONE // 2) / RATE_HZ, (-before, after))
    *_, beat_T, odd_T = reading.beats.context_BCT[i].numpy()
    mv = np.ptp(x_T[::STEP]) / max(1e-6, np.ptp(beat_T))  # of one usual beat's height
    usual_T = (beat_T - odd_T) * mv + np.median(x_T[::STEP])
    return Beat(x_T, np.arange(-AROUND, AROUND) / (RATE_HZ / STEP), (-0.5, 0.5), usual_T)


def rhythm_text(reading: Reading, i: int) -> Markup:
    """The intervals around the beat, and which of them moved the best net."""
    k = int(reading.p[OURS][i].argmax())
    found = rhythm_attribution(net(OURS, reading.own).model, reading.beats, i, k)
    ranked = sorted(found, key=lambda item: -abs(item[1]))[:4]
    before, after, usual = (1000 * float(reading.beats.rhythm_BF[i, j].exp()) for j in range(ABSOLUTE))
    moved = ", ".join(f"{name} {html.number(value, '+.2f')}" for name, value in ranked)
    return note(
        f"Rhythm: {before:.0f} ms before this beat, {after:.0f} ms after it, {usual:.0f} ms in the median of "
        f"the forty around. What moved the {TITLES[OURS]}’s score of {CLASSES[k]} most, in logits, by integrated gradients: {moved}. The "
        "dashed line is the usual beat of the patient’s ruling rhythm, which only that net knows; faint is what a net does not see. Heat is scaled "
        f"to its own highest point in each picture.{_trees_text(reading, i)}"
    )


def _trees_text(reading: Reading, i: int) -> str:
    """What the half of the best net says that no heat explains."""
    model = net(OURS, reading.own).model
    said_C = seen_by_trees(model, reading.beats, i)
    if said_C is None:
        return ""
    k = int(said_C.argmax())
    return (
        f" All this is of the nets in it: {100 * model.say:.0f} % of the say are boosted trees’, which see the beat in {len(MEASURES)} "
        f"measures and call it {CLASSES[k]} with {100 * said_C[k]:.0f} %."
    )
