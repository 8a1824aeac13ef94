"""Voices to tell apart: AN4 and LibriSpeech as utterances with their speakers, and every pair of them as a trial.

A split is `(x_NT int16, length_N, speaker_N, corpus_N, sex_N)`, padded with silence: corpus 0 is AN4, 1 LibriSpeech;
sex 0 is female, 1 male, −1 not told (AN4's names open with f or m; LibriSpeech's folders do not tell).
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import soundfile
import torch
from torch import Tensor

from models.speaker import LONGEST_SECONDS
from signals.audio import RATE_HZ, load, to_int16
from training._recipe import Arrays, Source, Splits
from training.data import an4, esc10, librispeech
from training.data._root import DataDamaged, root

AN4, LIBRISPEECH = 0, 1
CORPORA = {"an4": AN4, "librispeech": LIBRISPEECH}
SEX = {"f": 0, "m": 1}
EVERY = 7
"""Every seventh of AN4's training speakers, by name, is held out whole and validates."""
SOURCE = Source(
    title="CMU AN4, and LibriSpeech's train-clean-100 as further speakers",
    address=an4.SOURCE.address,
    licence=f"AN4 {an4.SOURCE.licence}; LibriSpeech {librispeech.SOURCE.licence}; noises of ESC-10 CC BY 3.0",
    split="by speaker: AN4's official 10 to test, every seventh of its 74 training speakers to validate",
    note=f"{an4.SOURCE.note} LibriSpeech test-other's ten speakers, the second test, have one chapter each here, so "
    "that the recording gives them away: too easy to rank nets.",
    download="about 7 GB",
)


class Utterance(NamedTuple):
    """One recording: `name` is its file's, `speaker` counts up over both corpora."""

    path: Path
    speaker: int
    corpus: int
    sex: int

    @property
    def name(self) -> str:
        """As its corpus has it, such as `an251-fash-b`."""
        return self.path.stem


class Trials(NamedTuple):
    """Pairs of utterances by index, and whether one person spoke both."""

    a_P: Tensor
    b_P: Tensor
    same_P: Tensor


def utterances(part: str) -> list[Utterance]:
    """The recordings of `train`, `valid` or `test`, AN4's first; see `_root.unpacked` for what is raised."""
    found = an4.speakers("test" if part == "test" else "train")
    if part != "test":
        held_out = sorted(found)[::EVERY]
        found = {name: files for name, files in found.items() if (name in held_out) == (part == "valid")}
    spoken = list(_numbered(found, AN4, 0))
    if part != "valid":
        other = librispeech.speakers("test-other" if part == "test" else "train-clean-100")
        spoken += _numbered(other, LIBRISPEECH, len(found))
    return spoken


def _numbered(found: dict[str, list[Path]], corpus: int, first: int) -> Iterator[Utterance]:
    for number, (name, files) in enumerate(found.items(), start=first):
        sex = SEX.get(name[0], -1)
        yield from (Utterance(path, number, corpus, sex) for path in files)


def splits() -> Splits:
    """Utterances `(x_NT int16, length_N, speaker_N, corpus_N, sex_N)`, zeros behind each; decoded once for a process.

    Raises DataMissing, DataDamaged.
    """
    return Splits(*(_decoded(root(), part) for part in Splits._fields))


@cache
def _decoded(folder: Path, part: str) -> Arrays:
    spoken = utterances(part)
    try:
        waves = [to_int16(load(u.path)[: int(LONGEST_SECONDS * RATE_HZ)])[0] for u in spoken]
    except (soundfile.SoundFileError, ValueError) as error:
        raise DataDamaged(f"A recording below {folder} cannot be read ({error}). Delete it and run again.") from error
    length_N = torch.tensor([len(wave) for wave in waves])
    x_NT = torch.zeros(len(waves), int(length_N.max()), dtype=torch.int16)
    for row, wave in zip(x_NT, waves, strict=True):
        row[: len(wave)] = wave
    facts = (torch.tensor([getattr(u, name) for u in spoken]) for name in ("speaker", "corpus", "sex"))
    return x_NT, length_N, *facts


@cache
def _noises(folder: Path) -> Tensor:
    clips = [clip for clip in esc10.clips() if clip.fold <= 3]
    size = 5 * RATE_HZ
    bank_KT = torch.zeros(len(clips), size, dtype=torch.int16)
    for row, clip in zip(bank_KT, clips, strict=True):
        wave = to_int16(load(clip.path))[0][:size]
        row[: len(wave)] = wave
    return bank_KT


def noises() -> Tensor:
    """ESC-10's folds 1 to 3, `(K, 5 s)` int16: what may be heard behind a voice in training."""
    return _noises(root())


def trials(speaker_N: Tensor) -> Trials:
    """Every pair of utterances, first with later: nothing is drawn, so the list is the same everywhere."""
    a_P, b_P = torch.triu_indices(len(speaker_N), len(speaker_N), offset=1)
    return Trials(a_P, b_P, speaker_N[a_P] == speaker_N[b_P])
