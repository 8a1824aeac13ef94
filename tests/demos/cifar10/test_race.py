"""The race: both run for the same seconds, are judged by what neither learns from, and the end says who is ahead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demos.cifar10 import race as racing_track
from demos.cifar10 import racing
from demos.cifar10.nets import CNN, KINDS, PERCEPTRON
from demos.cifar10.race import Lap, Runner, judged, live, race
from metrics.intervals import wilson
from training.data import samples


def lap(perceptron: float, cnn: float, n: int = 54) -> Lap:
    runners = {
        kind: Runner([(0.0, 0.1), (5.0, right)], 10, wilson(right, n))
        for kind, right in ((PERCEPTRON, perceptron), (CNN, cnn))
    }
    return Lap(runners, 5.0, 315, n, 9, True)


@pytest.mark.slow
def test_both_run_for_the_same_seconds(no_data: Path) -> None:
    laps = list(race(2.0))
    last = laps[-1]
    assert last.sampled and last.classes == 9 and last.learnt_from == 315 and last.judges == 54
    for kind in KINDS:
        seconds = [second for second, _ in last.runners[kind].points]
        assert seconds[0] == 0 and 2 <= seconds[-1] < 6 and last.runners[kind].steps >= 1
    early = next(lap for lap in laps if all(lap.runners[kind].steps for kind in KINDS))
    assert all(early.runners[kind].points[-1][0] < 2 for kind in KINDS), "they take turns: neither is done"


class Clockwork:
    """A run whose every turn takes as long as the last."""

    def __init__(self, pace: float, seconds: float) -> None:
        self.pace, self.limit, self.seconds = pace, seconds, 0.0

    @property
    def done(self) -> bool:
        return self.seconds >= self.limit

    def __iter__(self) -> Iterator[None]:
        while not self.done:
            self.seconds += self.pace
            yield


def test_whoever_has_had_less_time_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    paces = {PERCEPTRON: 0.25, CNN: 1.5}
    monkeypatch.setattr(racing_track, "_run", lambda kind, seconds, seed: Clockwork(paces[kind], seconds))
    monkeypatch.setattr(racing_track, "_lap", lambda runs, seconds: [run.seconds for run in runs.values()])
    laps: list[Any] = list(race(6.0))
    assert laps[0] == [0, 0] and laps[-1] == [6, 6]
    assert max(abs(first - second) for first, second in laps) <= 1.5, "never more than one turn apart"


def test_the_judges_are_met_by_neither(no_data: Path) -> None:
    for kind in KINDS:
        with samples():
            assert judged(live(kind)).samples is not None
            splits = judged(live(kind)).samples()  # type: ignore[misc]
        assert len(splits.valid[0]) == 54 and len(splits.train[0]) == 315
        seen = {row.numpy().tobytes() for row in splits.train[0]}
        assert not [row for row in splits.valid[0] if row.numpy().tobytes() in seen]


def test_many_judges_are_cut_to_some(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(racing_track, "JUDGES", 15)
    splits = judged(live(PERCEPTRON)).data()
    assert len(splits.valid[0]) == 15


def test_the_end_says_who_is_ahead_and_whether_it_may_be_luck() -> None:
    clear = racing.race_verdict(lap(0.3, 0.8))
    assert "The convolutional net is ahead" in clear and "luck" not in clear and "80 %" in clear
    close = racing.race_verdict(lap(0.55, 0.5))
    assert "The perceptron is ahead" in close and "may be luck" in close
    assert "A tie" in racing.race_verdict(lap(0.5, 0.5))
    empty = Lap({kind: Runner([], 0, None) for kind in KINDS}, 5.0, 315, 54, 9, True)
    assert "no time" in racing.race_verdict(empty)


def test_it_is_said_what_they_learn_from() -> None:
    words = racing.race_text(lap(0.5, 0.6))
    assert "groceries" in words and "315" in words and "54" in words and "CIFAR-10 is not on this machine" in words
    assert "CIFAR-10’s ten kinds" in racing.race_text(lap(0.5, 0.6)._replace(sampled=False))
