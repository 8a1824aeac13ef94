"""When the nets should not be believed: a pulse that training never had, and signals that are no electrocardiogram.

The limits were chosen on training and validation records and measured on test records by `benchmarks/heartbeat_strangers.py`,
whose results are read here.
"""

import json
from functools import cache
from typing import Any, NamedTuple

from demos._ui.html import per_cent
from demos.heartbeats.nets import Reading
from signals.ecg import RATE_HZ
from signals.ecg_likeness import Likeness, likeness
from training import RESULTS


class Doubt(NamedTuple):
    """Why an answer is not to be believed, in a few words and in a sentence or two."""

    title: str
    sentence: str


@cache
def limits() -> dict[str, Any] | None:
    """What the benchmark has written; None where it never ran."""
    path = RESULTS / "heartbeat_strangers.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def doubt(reading: Reading, start: float, seconds: float) -> Doubt | None:
    """What speaks against believing the nets about a stretch; None where nothing does."""
    found = limits()
    if found is None:
        return None
    begin, end = int(start * RATE_HZ), int((start + seconds) * RATE_HZ)
    r_B = reading.beats.r_B.numpy()
    inside_B = r_B[(r_B >= begin) & (r_B < end)] - begin
    return told(likeness(reading.clean_T[begin:end], inside_B), found)


def told(it: Likeness, found: dict[str, Any]) -> Doubt | None:
    """The first thing that is wrong with a stretch, by the benchmark's limits."""
    limit = found["limits"]
    measured = (
        f"This check warns on {per_cent(found['false_alarms'])} of the real half minutes of the test records, and on "
        f"{per_cent(found['caught'])} of signals that are no ECG."
    )
    if it.alike < limit["alike"] or it.height < limit["height"]:
        why = "no two of its beats are alike" if it.alike < limit["alike"] else "its beats do not stand out"
        return Doubt(
            "This does not look like an ECG.", f"As the nets know it, a heart repeats itself; here {why}. {measured}"
        )
    if it.rate_bpm > limit["fastest"]:
        than = f"no half minute in training was faster than {limit['fastest']:.0f}"
        return Doubt("Faster than anything in training.", f"{it.rate_bpm:.0f} beats a minute; {than}. {measured}")
    if it.rate_bpm < limit["slowest"]:
        than = f"no half minute in training was slower than {limit['slowest']:.0f}"
        return Doubt("Slower than anything in training.", f"{it.rate_bpm:.0f} beats a minute; {than}. {measured}")
    return None
