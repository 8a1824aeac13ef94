"""Speech in noise at 16 kHz: what the denoisers learn from and choose on, and the 120 mixtures they are quoted on.

Speech is AN4's and LibriSpeech's, noise is ESC-10's, both parted by speaker and by fold. To train, a row holds speech
and noise apart, and the step mixes them anew each time; valid and test are mixed here, once, always alike.

Arrays:  train (speech_BT int16, noise_BT int16)    valid (noisy_BT, speech_BT)
         test (noisy_BT, speech_BT, snr_db_B, kind_B, speaker_B), kinds counted as in `KINDS`
"""

import itertools
import random
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from signals.audio import FULL_SCALE, RATE_HZ, load, mix
from training._recipe import Arrays, Source, Splits
from training.data import an4, esc10, librispeech
from training.data._root import root

SOURCE = Source(
    title="AN4 and LibriSpeech speech in ESC-10 noise",
    address=librispeech.SOURCE.address,
    licence="speech CC BY 4.0 (LibriSpeech) and free with its notice (AN4), noise CC BY 3.0 (credits in ESC-10's "
    "README)",
    split="test: 120 mixtures of 4 s at −5, 0, 5 and 10 dB, ten speakers of LibriSpeech test-other in noise of ESC-10 "
    "fold 5; validation: every twelfth training speaker in fold 4; training: the other speakers in folds 1 to 3",
    note="Speech: subsets of AN4 and of LibriSpeech, 36 minutes of training speech in all, ten test speakers. "
    "Test noises are other recordings of the ten kinds that were trained with.",
    download="about 7 GB",
)
KINDS = (
    "baby_cry", "chainsaw", "clock_tick", "dog_bark", "fire_crackling",
    "helicopter", "person_sneeze", "rain", "rooster", "sea_waves",
)  # fmt: skip
SNRS_DB = (-5.0, 0.0, 5.0, 10.0)
FOLDS = {"train": (1, 2, 3), "valid": (4,), "test": (5,)}
TRAIN_SECONDS, NOISE_SECONDS, TEST_SECONDS = 3, 5, 4
UNHEARD = ("baby_cry", "helicopter")
"""Left out of training and validation in one run, to hear how a net does in noises of a kind that it never met."""
PER_SPEAKER = 12
"""At most so many recordings of a speaker."""
SPEAKERS = 10
HELD_OUT = 12
"""Every so-manieth training speaker is kept for validation."""


class Recording(NamedTuple):
    """Samples `(T,)` of one speaker."""

    x_T: Tensor
    speaker: str


def splits(*, without: tuple[str, ...] = ()) -> Splits:
    """Train: `(speech_BT, noise_BT)` int16, to be mixed. Valid: `(noisy_BT, clean_BT)`; test: ratio, kind, speaker too.

    `without` keeps some kinds of noise from train and valid: then those are noises never heard. Raises DataMissing and
    DataDamaged as the sources do.
    """
    return _mixed(root(), without)


@cache
def _mixed(folder: Path, without: tuple[str, ...]) -> Splits:
    """What lies below `folder`, once a process."""
    return Splits(_train(without), _valid(without), _test())


def _train(without: tuple[str, ...]) -> Arrays:
    books, names = _speakers("train", books=True), _speakers("train", books=False)
    speech_BT = pieces([*books, *books, *names])  # twice the books: it is books that the test reads
    noises = torch.stack([x for x, kind in _noises("train") if KINDS[kind] not in without])
    order = torch.randperm(len(noises), generator=torch.Generator().manual_seed(0))
    noise_BT = noises[order.repeat(-(-len(speech_BT) // len(order)))[: len(speech_BT)]]
    return speech_BT, to_int16(noise_BT)


def _valid(without: tuple[str, ...]) -> Arrays:
    draw = random.Random(1)
    speech = pieces([*_speakers("valid", books=True), *_speakers("valid", books=False)]).float() / FULL_SCALE
    noises = [(x, kind) for x, kind in _noises("valid") if KINDS[kind] not in without]
    pairs = _pairs(draw, noises, times=2)
    index = list(itertools.islice(itertools.cycle(draw.sample(range(len(speech)), len(speech))), len(pairs)))
    clean_BT = speech[index]
    noise_BT = torch.stack([_window(draw, x, clean_BT.shape[1]) for x, _, _ in pairs])
    return mix(clean_BT, noise_BT, torch.tensor([snr for _, _, snr in pairs]))[0], clean_BT


def _test() -> Arrays:
    draw = random.Random(2)
    length = TEST_SECONDS * RATE_HZ
    read = [torch.cat([r.x_T for r in group]) for group in _by_speaker(_recordings(librispeech.speakers("test-other")))]
    pairs = _pairs(draw, _noises("test"), times=3)
    speaker_B = torch.tensor([i % min(SPEAKERS, len(read)) for i in range(len(pairs))])
    clean_BT = torch.stack([_window(draw, read[i], length) for i in speaker_B.tolist()])
    noise_BT = torch.stack([_window(draw, x, length) for x, _, _ in pairs])
    snr_db_B = torch.tensor([snr for _, _, snr in pairs])
    noisy_BT, _ = mix(clean_BT, noise_BT, snr_db_B)
    return noisy_BT, clean_BT, snr_db_B, torch.tensor([kind for _, kind, _ in pairs]), speaker_B


def pieces(recordings: list[Recording]) -> Tensor:
    """Recordings in rows of three seconds `(B, T)` int16; a rest under one second is left out, a longer filled up."""
    length, rows = TRAIN_SECONDS * RATE_HZ, []
    for x_T, _ in recordings:
        parts = [p for i, p in enumerate(x_T.split(length)) if i == 0 or len(p) >= RATE_HZ]
        rows += [F.pad(p, (0, length - len(p))) for p in parts]
    return to_int16(torch.stack(rows))


def to_int16(x_BT: Tensor) -> Tensor:
    """Samples `(B, T)` in [-1, 1] as 16-bit integers; what is louder is clipped."""
    return (x_BT.clamp(-1, 1) * FULL_SCALE).round().short()


def _pairs(draw: random.Random, noises: list[tuple[Tensor, int]], *, times: int) -> list[tuple[Tensor, int, float]]:
    """`times` noises of each kind at each ratio, shuffled; every recording of a kind is used before one comes again."""
    found = []
    for _, group in itertools.groupby(noises, key=lambda noise: noise[1]):
        clips = list(group)
        turns = itertools.cycle(draw.sample(clips, len(clips)))
        found += [(*next(turns), snr) for snr in SNRS_DB for _ in range(times)]
    draw.shuffle(found)
    return found


def _window(draw: random.Random, x_T: Tensor, length: int) -> Tensor:
    start = draw.randint(0, max(0, len(x_T) - length))
    part = x_T[start : start + length]
    return F.pad(part, (0, length - len(part)))


def _noises(part: str) -> list[tuple[Tensor, int]]:
    return _noises_below(root(), part)


@cache
def _noises_below(folder: Path, part: str) -> list[tuple[Tensor, int]]:
    """Five seconds of noise and the number of its kind, for every clip of the part's folds, sorted by kind."""
    length = NOISE_SECONDS * RATE_HZ
    found = []
    for path, kind, fold in sorted(esc10.clips(), key=lambda clip: (clip.kind, clip.path)):
        if fold in FOLDS[part]:
            x_T = load(path)[:length]
            found.append((F.pad(x_T, (0, length - len(x_T))), KINDS.index(kind)))
    return found


def _speakers(part: str, *, books: bool) -> list[Recording]:
    """The speech to train or to validate with: LibriSpeech's `books`, or AN4's names and numbers."""
    everybody = librispeech.speakers("train-clean-100") if books else an4.speakers("train")
    held_out = set(list(everybody)[::HELD_OUT])
    return _recordings({name: files for name, files in everybody.items() if (name in held_out) == (part == "valid")})


def _recordings(speakers: dict[str, list[Path]]) -> list[Recording]:
    return [Recording(load(path), name) for name, files in speakers.items() for path in files[:PER_SPEAKER]]


def _by_speaker(recordings: list[Recording]) -> list[list[Recording]]:
    return [list(group) for _, group in itertools.groupby(recordings, key=lambda r: r.speaker)][:SPEAKERS]
