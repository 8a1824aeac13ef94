"""The mixing desk: clean speech and a noise, added up at a ratio, so that the truth is known.

Speech and noise are real: readers of LibriSpeech test-other, everyday noises, and ESC-10's fold 5, out of the samples that
ship, so that an example is the same on every machine. No net here has learnt from any of them. A few generated noises
stand beside them.
"""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from demos._ui.html import number
from demos.denoising.nets import Sound
from signals import audio, synthetic
from signals.audio import RATE_HZ, Wave
from training.data import esc10, everyday, librispeech, samples

GENERATED = {
    "White noise": "white",
    "Pink noise": "pink",
    "Mains hum": "hum",
    "Crackle of a record": "crackle",
    "Babble of six voices": "babble",
}
LONGEST = 8.0
"""Seconds of speech that the desk takes of a longer recording."""
TEST_FOLD = 5
LOWEST_DB, HIGHEST_DB = -10, 20
SOURCES = (
    "Real voices and noises that no net here has learnt from: LibriSpeech test-other (CC BY 4.0), ESC-10 (CC BY 3.0) and "
    "everyday noises (CC0, CC BY). White and pink noise, hum, crackle and babble are made by the app."
)


class Example(NamedTuple):
    """What one press puts on the desk: what it is in words, the speech, the noise and their ratio in dB."""

    title: str
    speech: str
    noise: str
    snr_db: float


EXAMPLES = {
    "City street": Example("A reader in a city street", "Reader 3", "City", 0),
    "Train": Example("A reader on a train", "Reader 8", "Train", 0),
    "Barking dog": Example("A reader beside a barking dog", "Reader 2", "Dog bark", 0),
    "Open fire": Example("A reader by an open fire", "Reader 7", "Fireplace", 0),
    "Helicopter": Example("A reader under a helicopter", "Reader 10", "Helicopter", -5),
    "A full café: it does badly": Example("A reader in a full café", "Reader 1", "Coffee shop", 5),
}
"""By what is pressed. In the last the noise is voices: a net that lets voices through fails there."""
FIRST = next(iter(EXAMPLES))
"""What is answered when the tab opens."""


def mixture(speech: str, noise: str, snr_db: float) -> Sound:
    """Speech plus noise at that ratio, at the speech's own level; ValueError where a label is unknown.

    Where the sum would clip, speech and noise are turned down together, and the wave's notes say by how much.
    """
    if speech not in (voices := speeches()):
        raise ValueError(f"There is no speech “{speech}” here. Choose one from the list.")
    if noise not in (sounds := noises()):
        raise ValueError(f"There is no noise “{noise}” here. Choose one from the list.")
    if not LOWEST_DB <= snr_db <= HIGHEST_DB:
        raise ValueError(f"The ratio goes from {LOWEST_DB} to {HIGHEST_DB} dB, and {snr_db:g} is outside.")
    clean_T = voices[speech]()
    noisy_T, _ = audio.mix(clean_T, sounds[noise](len(clean_T)), float(snr_db))
    peak, notes = noisy_T.abs().max().item(), ()
    if peak > 1:
        clean_T, noisy_T = clean_T / peak, noisy_T / peak
        notes = (f"all of it turned down by {20 * torch.tensor(peak).log10().item():.1f} dB, so that nothing clips",)
    return Sound(Wave(noisy_T, RATE_HZ, notes), _title(speech, noise, snr_db), clean_T)


def _title(speech: str, noise: str, snr_db: float) -> str:
    """What is heard, in words, and which of the two is louder."""
    told = who_and_where(speech, noise)
    if not snr_db:
        return f"{told}, voice and noise equally loud"
    louder = "voice" if snr_db > 0 else "noise"
    return f"{told}, the {louder} {number(abs(snr_db), 'g')} dB louder"


def who_and_where(speech: str, noise: str) -> str:
    """A voice and a noise in words, with which the title of their mixture begins."""
    titles = {(example.speech, example.noise): example.title for example in EXAMPLES.values()}
    return titles.get((speech, noise), f"{speech} and {noise.lower()}")


@cache
def speeches() -> dict[str, Callable[[], Tensor]]:
    """Clean speech by label, as loaders of samples `(T,)` at 16 kHz: the longest recording of each test speaker."""
    return {f"Reader {i}": partial(_read, files[-1]) for i, files in enumerate(_readers(), start=1)}


@cache
def noises() -> dict[str, Callable[[int], Tensor]]:
    """Noise by label, as makers of so many samples at 16 kHz."""
    with samples():
        found = [(noise.kind, noise.path) for noise in everyday.recordings("test")]
        found += [(clip.kind.replace("_", " "), clip.path) for clip in esc10.clips() if clip.fold == TEST_FOLD]
    recorded = {label: partial(_recorded, path) for label, path in _labelled(found)}
    return recorded | {label: partial(_generated, kind) for label, kind in GENERATED.items()}


def _labelled(found: Iterable[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """Kinds of noise as labels, each of its own: a second recording of a kind is its number two."""
    count: dict[str, int] = {}
    labels = []
    for kind, path in found:
        count[kind] = count.get(kind, 0) + 1
        labels.append((kind.capitalize() + (f" {count[kind]}" if count[kind] > 1 else ""), path))
    return sorted(labels)


@cache
def _readers() -> list[list[Path]]:
    """The recordings of each test speaker, the longest last."""
    with samples():
        found = librispeech.speakers("test-other").values()
    return [sorted(files, key=lambda p: (p.stat().st_size, p.name)) for files in found if files]


@lru_cache(maxsize=32)
def _read(path: Path) -> Tensor:
    return audio.load(path)[: int(LONGEST * RATE_HZ)]


def _generated(kind: str, length: int) -> Tensor:
    if kind == "babble":
        return synthetic.babble([_read(files[0]) for files in _readers()[-6:]], length)
    return synthetic.NOISES[kind](length)


def _recorded(path: Path, length: int) -> Tensor:
    x_T = _read(path)
    return x_T.repeat(-(-length // len(x_T)))[:length]
