"""Which real records the tab shows, what is in them, and which half minute of each is worth the paper."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from demos._ui.nets import Net
from demos.heartbeats.nets import OURS, Reading, Truth, classify_beats, net
from models.ecg import BeatNet
from signals.ecg import CLASSES, RATE_HZ
from signals.ecg_files import Lead
from training.data import at_hand, mitbih, samples

PAPER_SECONDS = 30
AROUND_SECONDS = 45
"""Of the record on either side of an example's paper: a beat is judged by its neighbours."""
Own = Net[BeatNet] | None


class Example(NamedTuple):
    """A record and the class of beat for which it is shown."""

    record: str
    kind: str


EXAMPLES = {
    "Bigeminy (record 200)": Example("200", "V"),
    "Normal rhythm (record 100)": Example("100", "S"),
    "Atrial premature beats (record 232)": Example("232", "S"),
    "Fusion beats (record 213)": Example("213", "F"),
}
"""Of the samples: records that no net was trained on."""
FIRST = next(iter(EXAMPLES))
KINDS = {"S": "supraventricular", "V": "ventricular", "F": "fusion", "Q": "unclassifiable"}
"""A class as an adjective of “beat”."""


def read_example(name: str, *, turned: bool, own: Own) -> Reading:
    """Two minutes of a real test record, around the half minute with the most beats of the example's kind."""
    if own is None:
        return _read_example(name, turned, net(OURS).key)
    return _classified_example(name, turned, own)


@lru_cache(maxsize=2 * len(EXAMPLES))
def _read_example(name: str, turned: bool, key: str) -> Reading:
    """The same by the shipped nets, which answer every visitor alike; `key` names them."""
    return _classified_example(name, turned, None)


def _classified_example(name: str, turned: bool, own: Own) -> Reading:
    example = EXAMPLES[name]
    with samples():
        it = mitbih.record(example.record)
    paper = busiest(it, (example.kind,))
    begin = max(0, int((paper - AROUND_SECONDS) * RATE_HZ))
    end = min(len(it.x_T), int((paper + PAPER_SECONDS + AROUND_SECONDS) * RATE_HZ))
    inside_B = (it.r_B >= begin) & (it.r_B < end)
    lead = Lead(it.x_T[begin:end], f"{name}, from {_clock(begin)} to {_clock(end)}")
    truth = Truth(it.r_B[inside_B] - begin, it.class_B[inside_B])
    return classify_beats(lead, turned=turned, own=own, truth=truth, start=paper - begin / RATE_HZ)


def read_record(name: str, *, turned: bool, own: Own) -> Reading:
    """A whole test record, half an hour, or its first ten minutes where only samples are at hand; DataMissing."""
    it, sampled = at_hand(lambda: mitbih.record(name))
    lead = Lead(it.x_T, f"Record {it.name}, {'its first ' if sampled else ''}{len(it.x_T) / RATE_HZ / 60:.0f} minutes")
    truth = Truth(it.r_B, it.class_B)
    return classify_beats(lead, turned=turned, own=own, truth=truth, start=busiest(it, tuple(KINDS)))


def busiest(it: mitbih.Record, kinds: tuple[str, ...]) -> float:
    """The second at which the half minute with the most beats of these kinds begins: with the first of them, or before it."""
    wanted_B = it.r_B[np.isin(it.class_B, [CLASSES.index(kind) for kind in kinds])]
    if not len(wanted_B):
        return 0.0
    longest = len(it.x_T) / RATE_HZ - PAPER_SECONDS
    begins = (wanted_B / RATE_HZ - 1).clip(0, max(0.0, longest))
    inside = [((wanted_B >= b * RATE_HZ) & (wanted_B < (b + PAPER_SECONDS) * RATE_HZ)).sum() for b in begins]
    return float(np.floor(begins[int(np.argmax(inside))]))


def choices() -> list[tuple[str, str]]:
    """The test records that are here, each with what its annotators found in it, and its name."""
    return [(f"{name}: {_told(found)}", name) for name, found in at_hand(mitbih.contents).value.items()]


def _told(found: mitbih.Contents) -> str:
    """“bigeminy, normal rhythm; 245 ventricular and 5 supraventricular of 870 beats”."""
    odd = [f"{n:,} {KINDS[kind]}" for kind, n in zip(CLASSES, found.n_C, strict=True) if n and kind in KINDS]
    counted = (
        f"{' and '.join(odd)} of {sum(found.n_C):,} beats" if odd else f"{sum(found.n_C):,} beats, none out of turn"
    )
    return f"{', '.join(found.rhythms[:2])}; {counted}"


def _clock(sample: int) -> str:
    seconds = sample // RATE_HZ
    return f"{seconds // 60}:{seconds % 60:02d}"
