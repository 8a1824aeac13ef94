"""What a crowd's answers and the server's memory come to."""

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks._report import Claim, Row, claim, row
from benchmarks.load.crowd import MIX, Asked, Outcome

FLAT = 0.05
LONG_SECONDS = 5.0
"""A wait that should have been told."""


def growth(curve: Sequence[tuple[float, float]]) -> float:
    """By how much the memory's mean over the last quarter of the time differs from that over the third, as a share."""
    quarter = max(1, len(curve) // 4)
    third, last = (
        statistics.mean(mib for _, mib in part) for part in (curve[-2 * quarter : -quarter], curve[-quarter:])
    )
    return abs(last - third) / third


def timings(asked: Sequence[Asked]) -> list[Row]:
    """How long right answers took, kind by kind."""
    kinds = {kind: [one.seconds for one in asked if one.kind == kind and one.outcome == "right"] for kind in MIX}
    return [row(f"{kind}, until it is answered", seconds, unit="s") for kind, seconds in kinds.items() if seconds]


def counted(asked: Sequence[Asked]) -> dict[str, Any]:
    """How many questions of each kind came to what."""
    outcomes: tuple[Outcome, ...] = ("right", "refused", "wrong", "lost")
    count = Counter((one.kind, one.outcome) for one in asked)
    rows = [[kind, sum(count[kind, o] for o in outcomes), *(count[kind, o] for o in outcomes)] for kind in MIX]
    rows.append(["all", len(asked), *(sum(count[kind, o] for kind in MIX) for o in outcomes)])
    return {"caption": "What came of the questions", "columns": ["kind", "asked", *outcomes], "rows": rows}


def remembered(curve: Sequence[tuple[float, float]], most: int = 12) -> dict[str, Any]:
    """The memory over time, at about a dozen moments."""
    some = curve[:: max(1, -(-len(curve) // most))]
    rows = [[f"{at:.0f}", f"{mib:,.0f}"] for at, mib in some]
    return {"caption": "The server's memory", "columns": ["s", "MiB"], "rows": rows}


def waits(asked: Sequence[Asked]) -> str:
    """Whether long waits were told."""
    long = [one for one in asked if one.seconds > LONG_SECONDS and one.outcome == "right"]
    known = [one for one in long if one.told]
    if not long:
        return f"No answer took longer than {LONG_SECONDS:.0f} s."
    shares = [(one.told or 0) / one.seconds for one in known]
    ratio = f"; the median of told to real is {statistics.median(shares):.2f}" if shares else ""
    return (
        f"{len(long):,} answers took longer than {LONG_SECONDS:.0f} s; of {len(known):,} it was said beforehand "
        f"how long{ratio}."
    )


def claims(asked: Sequence[Asked], curve: Sequence[tuple[float, float]]) -> list[Claim]:
    count = Counter(one.outcome for one in asked)
    return [
        claim("answers that were not the client's own", count["wrong"], "≤", 0),
        claim("questions without an answer or a sentence", count["lost"], "≤", 0),
        claim("memory, last quarter against the third, as a share", growth(curve), "≤", FLAT),
    ]
