"""One lead and one of its beats in words and pictures: what the nets counted, what they said of the beat, and why."""

import numpy as np
from markupsafe import Markup

from demos._ui import html
from demos._ui.html import Figure, bars, group, join, note, readouts, strong, table
from demos.heartbeats.nets import OURS, TITLES, Reading, heats, net, rhythm_attribution
from demos.heartbeats.strip import TRUTH, heat_beat, letter
from signals import ecg
from signals.ecg import CLASSES, NAMES, RATE_HZ


def summary_text(reading: Reading) -> Markup:
    """How many beats of which class each net found, the heart rate, and whatever was noticed about the lead."""
    r_B, length = reading.beats.r_B, reading.lead.seconds
    rate = 60 * RATE_HZ * (len(r_B) - 1) / int(r_B[-1] - r_B[0])
    lines = [(TITLES[name], p_BC.argmax(1).numpy()) for name, p_BC in reading.p.items()]
    if reading.truth_B is not None:
        lines.insert(0, (TRUTH, reading.truth_B))
    counted = [(name, [str(n) for n in np.bincount(class_B[class_B >= 0], minlength=5)]) for name, class_B in lines]
    remarks = join(Markup("<p>{}</p>").format(remark) for remark in reading.remarks)
    return join([
        readouts(
            Figure(f"{len(r_B):,}", f"beats in {length / 60:.0f} min" if length >= 120 else f"beats in {length:.0f} s"),
            Figure(f"{rate:.0f}", "beats per minute, mean"),
            Figure(f"{1000 * reading.seconds:.0f}", "ms on this machine, all nets"),
        ),
        note(f"{reading.lead.title}."),
        Markup('<div class="wl-heartbeats-remarks" role="status">{}</div>').format(remarks) if remarks else "",
        table([letter(name) for name in CLASSES], counted, caption="Beats of each class, all nets side by side"),
    ])  # fmt: skip


def beat_text(reading: Reading, i: int) -> Markup:
    """The chosen beat in words."""
    name = CLASSES[int(reading.p[OURS][i].argmax())]
    letters = {TITLES[n]: CLASSES[int(p_BC[i].argmax())] for n, p_BC in reading.p.items()}
    agree = len(set(letters.values())) == 1
    others = "All nets agree" if agree else "The nets differ: " + ", ".join(f"{n} {c}" for n, c in letters.items())
    truth = ""
    if reading.truth_B is not None and reading.truth_B[i] >= 0:
        truth = f" In truth it is {CLASSES[reading.truth_B[i]]}."
    at = int(reading.beats.r_B[i]) / RATE_HZ
    return Markup(
        '<div class="wl-answer"><div class="wl-digit wl-heartbeats-{}">{}</div><div><p>{}</p>'
        "<p>Beat {} of {:,}, at {:.2f} s. {}.{}</p></div></div>"
    ).format(name, name, strong(NAMES[name]), i + 1, len(reading.beats.r_B), at, others, truth)


def nets_text(reading: Reading, i: int, method: str) -> Markup:
    """For every net one beat under its heat, and its probabilities."""
    return group("wl-heartbeats-nets", *(_net_text(reading, name, i, method) for name in reading.p))


def _net_text(reading: Reading, name: str, i: int, method: str) -> Markup:
    p_C = reading.p[name][i]
    k = int(p_C.argmax())
    seen = heats(name, net(name, reading.own).model, reading.beats, i, k, method)
    title = f"{TITLES[name]}: {CLASSES[k]}, {'attention of its heads' if len(seen) > 1 else method}"
    if name == OURS:
        x_CT = reading.beats.context_BCT[i].numpy()
        t = np.arange(-ecg.AROUND, ecg.AROUND) / (RATE_HZ / 2)
        picture = heat_beat(x_CT[0], t, seen, title=title, usual_T=x_CT[0] - x_CT[1])
    else:
        t = np.arange(-ecg.ALONE // 2, ecg.ALONE // 2) / RATE_HZ
        picture = heat_beat(reading.beats.alone_B1T[i, 0].numpy(), t, seen, title=title)
    return Markup("<div>{}{}</div>").format(picture, bars(p_C.tolist(), [letter(c) for c in CLASSES], marked=k))


def rhythm_text(reading: Reading, i: int) -> Markup:
    """The intervals around the beat, and which of them moved ours."""
    k = int(reading.p[OURS][i].argmax())
    found = rhythm_attribution(net(OURS, reading.own).model, reading.beats, i, k)
    ranked = sorted(found, key=lambda item: -abs(item[1]))[:4]
    before, after, mean = (1000 * float(reading.beats.rhythm_BF[i, j].exp()) for j in range(3))
    moved = ", ".join(f"{name} {html.number(value, '+.2f')}" for name, value in ranked)
    return note(
        f"Rhythm: {before:.0f} ms before this beat, {after:.0f} ms after it, {mean:.0f} ms on average over the ten "
        f"before. What moved the first net’s score of {CLASSES[k]} most, in logits, by integrated gradients: {moved}. The dashed "
        "line is the patient’s usual beat, which only that net knows. Heat is scaled to its own highest point in each picture."
    )
