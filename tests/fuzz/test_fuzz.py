"""A part of the fuzzer, against the application in a process of its own whose memory is bounded: nothing gives way."""

from argparse import Namespace

import pytest

from benchmarks import _wire
from tests.fuzz.__main__ import grouped, line, main, run, table, told
from tests.fuzz.cases import Case
from tests.fuzz.judge import Verdict
from tests.fuzz.things import Thing, fixed
from tests.fuzz.trial import Done, Watched

CASES = 150


@pytest.mark.slow
def test_nothing_that_no_page_would_send_gets_through() -> None:
    options = Namespace(url="", cases=CASES, seed=20261121, only=[], tell=False)
    with Watched.started() as watched:
        done = _wire.run(run(options, watched))
    failed = [told(alike, options) for alike in grouped(done) if alike[0].verdict.fails]
    assert len(done) == CASES and not failed, "\n".join([table(done), *failed])


def done(word: str) -> Done:
    case = Case("sounds-0003", "sounds", None, None, fixed(Thing("a sound")), "1/sounds-0003")
    return Done(case, "a sound", Verdict(word, "because"), 0.1)


def test_the_table_counts_and_a_failure_says_how_to_run_it_alone() -> None:
    text = table([done("right"), done("right"), done("crash")])
    assert [cell for cell in text.splitlines()[1].split() if cell != "0"] == ["sounds", "3", "2", "1"]
    (alike,) = grouped([done("right"), done("crash"), done("crash")])
    text = told(alike, Namespace(url="http://x", seed=4))
    assert "python -m tests.fuzz http://x --seed 4 --only sounds-0003" in text and "and 1 like it: sounds-0003" in text
    assert "because" in line(done("crash"))


@pytest.mark.parametrize(("word", "code"), [("right", 0), ("slow", 0), ("crash", 1), ("unclear", 1), ("log", 1)])
def test_what_fails_fails_the_whole(word: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ran(options: Namespace, watched: Watched | None) -> list[Done]:
        return [done("right"), done(word)]

    monkeypatch.setattr("tests.fuzz.__main__.run", ran)
    assert main(["http://127.0.0.1:9"]) == code
