"""The mixing desk: clean speech and a noise, added up at a ratio, so that the truth is known.

What ships with the project is always there: sentences by espeak-ng and generated noises. Test recordings of LibriSpeech
and ESC-10 join them where the data is at hand; nothing is downloaded for the sake of an example.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from demos._ui.html import number
from demos.denoising.nets import Sound
from signals import audio, synthetic
from signals.audio import RATE_HZ, Wave
from training import DataDamaged, DataMissing
from training.data import at_hand, esc10, librispeech

FOLDER = Path(__file__).parent / "examples"
VOICES = {
    "Harbour, a man from London": "harbour",
    "Kitchen, a woman from the States": "kitchen",
    "Train, a man from Scotland": "train",
    "Orchard, a woman, received pronunciation": "orchard",
}
"""The spoken examples by their label; the other voices in the folder make the babble."""
CROWD = ("letter", "museum", "bridge", "market", "kitchen", "train")
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


class Example(NamedTuple):
    """One click on the desk: a name, the speech, the noise and their ratio in dB."""

    name: str
    speech: str
    noise: str
    snr_db: float


def examples() -> list[Example]:
    """What can be begun with: always those that ship, and two of real recordings where they are at hand."""
    voices = list(VOICES)
    found = [
        Example("A hiss", voices[0], "White noise", 5),
        Example("A humming amplifier", voices[2], "Mains hum", -5),
        Example("An old record", voices[1], "Crackle of a record", 5),
        Example("A full room", voices[3], "Babble of six voices", 5),
    ]
    real_voices, real_noises = _librispeech(), _esc10()
    for name, kind, snr_db in (("Real: in the rain", "rain", 0), ("Real: under a helicopter", "helicopter", 0)):
        noise = next((label for label in real_noises if label.startswith(kind.capitalize())), None)
        if real_voices and noise:
            found.append(Example(name, list(real_voices)[len(found) % len(real_voices)], noise, snr_db))
    return found


def speeches() -> dict[str, Callable[[], Tensor]]:
    """Clean speech by label, as loaders of samples `(T,)` at 16 kHz."""
    shipped = {label: partial(_read, FOLDER / f"{name}.flac") for label, name in VOICES.items()}
    return shipped | {label: partial(_read, path) for label, path in _librispeech().items()}


def noises() -> dict[str, Callable[[int], Tensor]]:
    """Noise by label, as makers of so many samples at 16 kHz."""
    made = {label: partial(_generated, kind) for label, kind in GENERATED.items()}
    return made | {label: partial(_recorded, path) for label, path in _esc10().items()}


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
    title = f"{_short(speech)} and {_short(noise).lower()} at {number(snr_db, 'g')} dB"
    return Sound(Wave(noisy_T, RATE_HZ, notes), title, clean_T)


def sources_in_words() -> str:
    """Where what is on the desk comes from."""
    words = "Voices: espeak-ng, speaking sentences of our own. Noises: generated."
    if _librispeech() or _esc10():
        words += (
            " “Test”: real, and heard by no net before (LibriSpeech test-other, CC BY 4.0; ESC-10 fold 5, CC BY 3.0)."
        )
    return words


def _short(label: str) -> str:
    return label.split(",")[0].split(" (")[0]


@lru_cache(maxsize=32)
def _read(path: Path) -> Tensor:
    return audio.load(path)[: int(LONGEST * RATE_HZ)]


def _generated(kind: str, samples: int) -> Tensor:
    if kind == "babble":
        return synthetic.babble([_read(FOLDER / f"{name}.flac") for name in CROWD], samples)
    return synthetic.NOISES[kind](samples)


def _recorded(path: Path, samples: int) -> Tensor:
    x_T = _read(path)
    return x_T.repeat(-(-samples // len(x_T)))[:samples]


def _librispeech() -> dict[str, Path]:
    """One recording of each test speaker, the longest, where they are at hand."""
    try:
        speakers = at_hand(lambda: librispeech.speakers("test-other")).value
    except (DataMissing, DataDamaged):
        return {}
    return {
        f"Speaker {name} (test, LibriSpeech)": max(files, key=lambda p: (p.stat().st_size, p.name))
        for name, files in speakers.items()
        if files
    }


def _esc10() -> dict[str, Path]:
    """The first recording of each kind in the test fold, where they are at hand."""
    try:
        clips = at_hand(esc10.clips).value
    except (DataMissing, DataDamaged):
        return {}
    first: dict[str, Path] = {}
    for clip in clips:
        if clip.fold == TEST_FOLD:
            first.setdefault(f"{clip.kind.replace('_', ' ').capitalize()} (test, ESC-10)", clip.path)
    return first
