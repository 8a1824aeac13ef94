"""Speech in noise at 16 kHz: what the denoisers learn from and choose on, and the 120 mixtures they are quoted on.

Speech is AN4's and LibriSpeech's, noise is ESC-10's, both parted by speaker and by fold; to train there are everyday
noises besides. To train, a row holds speech and noise apart, and the step mixes them anew each time; valid and test are
mixed here, once, always alike. Valid has two equal halves (`set_B`): the kinds of noise that are trained with, and
everyday noises of kinds that are not, in narrower bands.

Arrays:  train (speech_BT int16, noise_BT int16)    valid (noisy_BT, speech_BT, set_B)
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

from signals.audio import FULL_SCALE, RATE_HZ, band, load, mix
from training._recipe import Arrays, Source, Splits
from training.data import an4, esc10, everyday, librispeech
from training.data._root import DataMissing, root

SOURCE = Source(
    title="AN4 and LibriSpeech speech in ESC-10 and everyday noise",
    address=librispeech.SOURCE.address,
    licence="speech CC BY 4.0 (LibriSpeech) and free with its notice (AN4), noise CC BY 3.0 (credits in ESC-10's "
    "README) and each its own (noise.csv: CC0, CC BY, Pixabay; the ones for research only are not trained with)",
    split="test: 120 mixtures of 4 s at −5, 0, 5 and 10 dB, ten speakers of LibriSpeech test-other in noise of ESC-10 "
    "fold 5; validation: every twelfth training speaker, half in fold 4, half narrow in 19 everyday kinds that "
    "training has none of; training: the other speakers in folds 1 to 3 and the other everyday noises",
    note="Speech: subsets of AN4 and of LibriSpeech, 36 minutes of training speech in all, ten test speakers. "
    "Test noises are other recordings of the ten kinds that were trained with.",
    download="about 7 GB",
)
KINDS = (
    "baby_cry", "chainsaw", "clock_tick", "dog_bark", "fire_crackling",
    "helicopter", "person_sneeze", "rain", "rooster", "sea_waves",
)  # fmt: skip
SNRS_DB = (-5.0, 0.0, 5.0, 10.0)
TOPS_HZ = (3_400.0, 3_800.0, 5_500.0, 7_000.0)
"""Where the bands of the second half of validation end."""
FOLDS = {"train": (1, 2, 3), "valid": (4,), "test": (5,)}
EVERYDAY = 120
"""Mixtures in everyday noise that are tested."""
TELEPHONE_HZ = (300.0, 3_400.0)
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
    noises = torch.stack([*[x for x, kind in _noises("train") if KINDS[kind] not in without], *2 * _everyday("train")])
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
    noisy_BT = mix(clean_BT, noise_BT, torch.tensor([snr for _, _, snr in pairs]))[0]
    strange_BT, behind_BT = _strange(speech, len(pairs))
    set_B = torch.arange(2).repeat_interleave(torch.tensor([len(noisy_BT), len(strange_BT)]))
    return torch.cat([noisy_BT, strange_BT]), torch.cat([clean_BT, behind_BT]), set_B


def _strange(speech_BT: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """`n` mixtures in kinds of noise that training has none of, each brought to a narrower band, and the speech."""
    draw = random.Random(3)
    noises = _everyday("valid")
    if not noises:
        return speech_BT[:0], speech_BT[:0]
    pairs = list(itertools.islice(itertools.cycle(itertools.product(SNRS_DB, noises)), n))
    clean_BT = torch.stack([speech_BT[i % len(speech_BT)] for i in draw.sample(range(max(n, len(speech_BT))), n)])
    noise_BT = torch.stack([_window(draw, x_T, clean_BT.shape[1]) for _, x_T in pairs])
    noisy_BT = mix(clean_BT, noise_BT, torch.tensor([snr for snr, _ in pairs]))[0]
    low_B = torch.tensor([draw.choice((0.0, 300.0)) for _ in pairs])
    high_B = torch.tensor([draw.choice(TOPS_HZ) for _ in pairs])
    return band(noisy_BT, low_B, high_B), band(clean_BT, low_B, high_B)


def _test() -> Arrays:
    draw = random.Random(2)
    return _read_in(_pairs(draw, _noises("test"), times=3), draw)


def everyday_test() -> Arrays:
    """120 mixtures as test has them, in everyday noises of sources that training has none of; their kind counts as −1.

    DataMissing where those noises are not below the root.
    """
    noises, draw = _everyday("test"), random.Random(4)
    if not noises:
        raise DataMissing(f"{root() / 'noise'} is not here: put noise.csv there, and test/ with the recordings")
    pairs = [(noise_T, -1, snr) for noise_T, snr in itertools.product(noises, SNRS_DB)]
    return _read_in(draw.sample(pairs, min(EVERYDAY, len(pairs))), draw)


def _read_in(pairs: list[tuple[Tensor, int, float]], draw: random.Random) -> Arrays:
    """The test speakers in turns, each in one of these noises (samples, kind, ratio)."""
    length = TEST_SECONDS * RATE_HZ
    read = [torch.cat([r.x_T for r in group]) for group in _by_speaker(_recordings(librispeech.speakers("test-other")))]
    speaker_B = torch.tensor([i % min(SPEAKERS, len(read)) for i in range(len(pairs))])
    clean_BT = torch.stack([_window(draw, read[i], length) for i in speaker_B.tolist()])
    noise_BT = torch.stack([_window(draw, x, length) for x, _, _ in pairs])
    snr_db_B = torch.tensor([snr for _, _, snr in pairs])
    noisy_BT, _ = mix(clean_BT, noise_BT, snr_db_B)
    return noisy_BT, clean_BT, snr_db_B, torch.tensor([kind for _, kind, _ in pairs]), speaker_B


def telephone(split: Arrays) -> Arrays:
    """A test split as a telephone hands it on, 300 to 3,400 Hz: the mixtures, and the speech in them."""
    noisy_BT, clean_BT, *labels = split
    low_B, high_B = (torch.full((len(noisy_BT),), hertz) for hertz in TELEPHONE_HZ)
    return band(noisy_BT, low_B, high_B), band(clean_BT, low_B, high_B), *labels


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


def _everyday(part: str) -> list[Tensor]:
    return _everyday_below(root(), part)


@cache
def _everyday_below(folder: Path, part: str) -> list[Tensor]:
    """Five seconds of every everyday noise: a shorter one again and again, a much longer one in two halves."""
    length, found = NOISE_SECONDS * RATE_HZ, []
    for path, _ in everyday.recordings(part):
        x_T = load(path)
        halves = x_T.split(len(x_T) // 2) if len(x_T) > 1.5 * length else [x_T]
        found += [h.repeat(-(-length // len(h)))[:length] for h in halves if len(h) > RATE_HZ // 2]
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
