"""The two hundred cases: fifty a kind, half of each praise; a reader fails just where the kind says."""

from collections import Counter

import pytest

from signals.behaviour import EACH, KINDS, Case, cases, failed, failures
from signals.text import words


def test_there_are_fifty_a_kind() -> None:
    assert Counter(case.kind for case in cases()) == dict.fromkeys(KINDS, EACH) and EACH * len(KINDS) == 200
    assert all(sum(c.label for c in cases() if c.kind == kind) == EACH // 2 for kind in KINDS)
    assert len({case.text for case in cases()}) == 200


def test_each_kind_changes_what_it_says_it_changes() -> None:
    for case in cases():
        a, b = words(case.text), words(case.beside)
        if case.kind == "negation":
            assert a == b and set(a) & {"not", "n't", "nothing"}
        if case.kind == "intensifier":
            assert len(a) == len(b) + 1
        if case.kind == "name":
            assert len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1
        if case.kind == "typo":
            changed = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
            assert len(changed) == 1 and sorted(changed[0][0]) == sorted(changed[0][1]), case


@pytest.mark.parametrize(
    ("kind", "label", "p", "beside", "fails"),
    [
        ("negation", 1, 0.6, 0.6, False), ("negation", 0, 0.6, 0.6, True), ("negation", 1, 0.5, 0.5, True),
        ("intensifier", 1, 0.80, 0.84, False), ("intensifier", 1, 0.80, 0.86, True),
        ("intensifier", 0, 0.20, 0.14, True), ("intensifier", 0, 0.10, 0.20, False),
        ("name", 1, 0.9, 0.6, False), ("name", 1, 0.6, 0.4, True), ("typo", 0, 0.4, 0.1, False),
        ("typo", 0, 0.6, 0.1, True),
    ],
)  # fmt: skip
def test_when_a_reader_fails(kind: str, label: int, p: float, beside: float, fails: bool) -> None:
    assert failed(Case(kind, "", "", label), p, beside) is fails  # type: ignore[arg-type]


def test_failures_are_counted() -> None:
    right = [float(case.label) for case in cases()]
    assert failures(right, right) == dict.fromkeys(KINDS, 0)
    always = [1.0] * 200
    assert failures(always, always) == {"negation": 25, "intensifier": 0, "name": 0, "typo": 25}
