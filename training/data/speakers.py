"""Voices to tell apart: AN4 and LibriSpeech as utterances with their speakers, and every pair of them as a trial.

A split is `(x_NT int16, length_N, speaker_N, corpus_N, sex_N)`, padded with silence: corpus 0 is AN4, 1 LibriSpeech,
2 voices made by a program, which only test has; sex 0 is female, 1 male, −1 not told (AN4's names open with f or m).
Of LibriSpeech's training speakers there is one crop each: those who validate have theirs cut in two.
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
from training.data import an4, esc10, librispeech, synthetic
from training.data._root import DataDamaged, root

AN4, LIBRISPEECH, SYNTHETIC = 0, 1, 2
CORPORA = {"an4": AN4, "librispeech": LIBRISPEECH, "synthetic": SYNTHETIC}
SEX = {"f": 0, "m": 1}
EVERY, FIRST_OF_TEN = 7, 5
"""Every seventh of AN4's training speakers, by name, is held out whole and validates; so are 25 of LibriSpeech's, every
tenth from the sixth on."""
SOURCE = Source(
    title="CMU AN4, and LibriSpeech's train-clean-100 as further speakers",
    address=an4.SOURCE.address,
    licence=f"AN4 {an4.SOURCE.licence}; LibriSpeech {librispeech.SOURCE.licence}; noises of ESC-10 CC BY 3.0",
    split="by speaker: AN4's official 10 to test, every seventh of its 74 training speakers to validate, and 25 of "
    "LibriSpeech's 251",
    note=f"{an4.SOURCE.note} LibriSpeech test-other's ten speakers, the second test, have one chapter each here, so "
    "that the recording gives them away: too easy to rank nets. The third test is ten voices of espeak-ng.",
    download="about 7 GB",
)


class Utterance(NamedTuple):
    """One recording, or one `piece` of the `pieces` into which it is cut; `speaker` counts up over all corpora."""

    path: Path
    speaker: int
    corpus: int
    sex: int
    piece: int = 0
    pieces: int = 1

    @property
    def name(self) -> str:
        """As its corpus has it, such as `an251-fash-b`."""
        return self.path.stem

    def wave(self) -> Tensor:
        """Its samples `(T,)` int16, 8 s at most."""
        x_T = to_int16(load(self.path)[: int(LONGEST_SECONDS * RATE_HZ)])[0]
        size = len(x_T) // self.pieces
        return x_T[self.piece * size : (self.piece + 1) * size]


class Trials(NamedTuple):
    """Pairs of utterances by index, and whether one person spoke both."""

    a_P: Tensor
    b_P: Tensor
    same_P: Tensor


def utterances(part: str) -> list[Utterance]:
    """The recordings of `train`, `valid` or `test`, AN4's first; see `_root.unpacked` for what is raised."""
    if part == "test":
        found = [an4.speakers("test"), librispeech.speakers("test-other"), synthetic.speakers()]
    else:
        spoken = an4.speakers("train"), librispeech.speakers("train-clean-100")
        held_out = {*sorted(spoken[0])[::EVERY], *sorted(spoken[1])[FIRST_OF_TEN::10]}
        found = [{name: files[name] for name in files if (name in held_out) == (part == "valid")} for files in spoken]
    return [*_numbered(found, pieces=2 if part == "valid" else 1)]


def _numbered(found: list[dict[str, list[Path]]], *, pieces: int) -> Iterator[Utterance]:
    """Corpora in the order of `CORPORA`; who is recorded but once is cut into `pieces`."""
    speaker = 0
    for corpus, files in enumerate(found):
        for name, paths in files.items():
            cut, sex = pieces if len(paths) == 1 else 1, SEX.get(name[0], -1) if corpus == AN4 else -1
            yield from (Utterance(path, speaker, corpus, sex, i, cut) for path in paths for i in range(cut))
            speaker += 1


def splits() -> Splits:
    """Utterances `(x_NT int16, length_N, speaker_N, corpus_N, sex_N)`, zeros behind each; decoded once for a process.

    Raises DataMissing, DataDamaged.
    """
    return Splits(*(_decoded(root(), part) for part in Splits._fields))


@cache
def _decoded(folder: Path, part: str) -> Arrays:
    spoken = utterances(part)
    try:
        waves = [u.wave() for u in spoken]
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
