"""Two recordings that are at hand, and the truth about them: test speakers, and what is no person at all."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from demos.voices.nets import Recording, load_recording
from signals import audio
from signals.audio import RATE_HZ
from training.data import an4, at_hand, esc10, samples, synthetic

SYNTHETIC, TEST_FOLD = "synthetic", 5


class Pair(NamedTuple):
    """Two recordings by their paths, whether one person spoke both (None where nobody did), and the truth in words."""

    a: Path
    b: Path
    same: bool | None
    truth: str


Spoken = tuple[str, int]
"""Who speaks, and in which of the recordings that ship."""
PAIRS: dict[str, tuple[Spoken, Spoken]] = {
    "Two men": (("Man 2", 0), ("Man 7", 0)),
    "One man, twice": (("Man 2", 1), ("Man 2", 3)),
    "Two women": (("Woman 1", 0), ("Woman 2", 1)),
    "One woman, twice": (("Woman 1", 0), ("Woman 1", 1)),
    "A man and a woman": (("Man 1", 0), ("Woman 2", 1)),
    "Two men: it is wrong": (("Man 3", 2), ("Man 7", 0)),
    "Strangers: synthetic voices": ((SYNTHETIC, 1), (SYNTHETIC, 3)),
    "Strangers: a dog and a rooster": (("dog_bark", 0), ("rooster", 0)),
}
"""By what is pressed: test speakers whom no net here has heard; and, last, what is no person."""
FIRST = next(iter(PAIRS))
"""What is answered when the tab opens."""


def example_pair(which: str) -> Pair:
    """One of the pairs that ship; ValueError where there is none of that name."""
    if which not in PAIRS:
        raise ValueError("Choose one of the pairs above.")
    (first, i), (second, j) = PAIRS[which]
    if first in people():
        return told(people()[first][i], people()[second][j], first, second)
    if first == SYNTHETIC:
        voices = [*synthetic.speakers().values()]
        return Pair(voices[i][0], voices[j][0], None, "two voices made by a program (espeak-ng)")
    with samples():
        clips = {
            kind: [c.path for c in esc10.clips() if (c.kind, c.fold) == (kind, TEST_FOLD)] for kind in (first, second)
        }
    return Pair(clips[first][i], clips[second][j], None, "a dog and a rooster")


def told(a: Path, b: Path, first: str, second: str) -> Pair:
    """Two recordings and who speaks in them."""
    same = first == second
    return Pair(a, b, same, f"one person, {first}, twice" if same else f"two persons, {first} and {second}")


@cache
def people() -> dict[str, list[Path]]:
    """The recordings of AN4's test speakers that ship, by what the page calls the speakers: nobody knows their names."""
    with samples():
        return called(an4.speakers("test"))


def called(found: Mapping[str, list[Path]]) -> dict[str, list[Path]]:
    """AN4's speakers numbered: the names of its folders open with f for a woman, m for a man."""
    named = {}
    for letter, word in (("f", "Woman"), ("m", "Man")):
        those = [name for name in sorted(found) if name.startswith(letter)]
        named |= {f"{word} {i}": found[name] for i, name in enumerate(those, start=1)}
    return named


def random_trial(same: bool, draw: Callable[[Sequence[Any]], Any]) -> Pair:
    """Two recordings of AN4's test speakers: one person's, or two persons'."""
    found = called(at_hand(lambda: an4.speakers("test")).value)
    first = draw(sorted(found))
    second = first if same else draw([name for name in sorted(found) if name != first])
    a = draw(found[first])
    return told(a, draw([path for path in found[second] if path != a]), first, second)


def recordings_by_name() -> dict[str, Path]:
    """Every recording of the test speakers that ships, by who speaks and its number."""
    return {f"{who}, recording {i}": path for who, files in people().items() for i, path in enumerate(files, start=1)}


def load_speaker(label: str | None) -> tuple[int, Any]:
    """One of `recordings_by_name`, as Gradio takes samples unchanged; ValueError where it is none."""
    if label not in recordings_by_name():
        raise ValueError("Choose one of the test speakers in the list.")
    return as_int16(load_recording(recordings_by_name()[label], label))


def as_int16(recording: Recording) -> tuple[int, Any]:
    """A recording as Gradio takes samples unchanged."""
    return RATE_HZ, audio.to_int16(recording.x_T)[0].numpy()
