"""VoiceBank-DEMAND: 30 speakers reading in everyday noise, noisy and clean, 48 kHz (Valentini-Botinhao 2017).

Not covered: the 56-speaker training set, and the log files that name each mixture's noise and ratio; the ratio is
measured from the pair instead. In memory the training split takes about 2.5 GB.
"""

from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F

from metrics.sound import snr_db
from signals.audio import RATE_HZ, load
from training._recipe import Arrays, Source, Splits
from training.data._root import DataDamaged, unpacked
from training.data.mixtures import TEST_SECONDS, Recording, pieces

SOURCE = Source(
    title="VoiceBank-DEMAND",
    address="https://datashare.ed.ac.uk/handle/10283/2791",
    licence="CC BY 4.0",
    split="by speaker and noise, official: 28 speakers to train, 2 to test; two training speakers validate",
    note="Resampled from 48 to 16 kHz; of a test sentence the first four seconds.",
)
FOLDERS = {
    "train": ("clean_trainset_28spk_wav", "noisy_trainset_28spk_wav"),
    "test": ("clean_testset_wav", "noisy_testset_wav"),
}
VALID_SPEAKERS = ("p226", "p287")
"""A man and a woman, as is usual with this data."""


class Pair(NamedTuple):
    """One sentence, clean and in noise, sample by sample; `speaker` such as “p232”."""

    clean: Path
    noisy: Path
    speaker: str


def pairs(part: str) -> list[Pair]:
    """The sentences of `train` or `test`, sorted; see `unpacked` for what is raised."""
    clean, noisy = (
        unpacked(
            f"VoiceBank-DEMAND/{folder}",
            url=f"https://datashare.ed.ac.uk/bitstream/handle/10283/2791/{folder}.zip",
            inside=folder,
            title=SOURCE.title,
        )
        for folder in FOLDERS[part]
    )
    names = sorted(path.name for path in clean.glob("*.wav"))
    if not names or names != sorted(path.name for path in noisy.glob("*.wav")):
        raise DataDamaged(f"{clean} and {noisy} do not hold the same sentences. Delete both and run the command again.")
    return [Pair(clean / name, noisy / name, name.split("_")[0]) for name in names]


def splits() -> Splits:
    """Arrays as `training.data.mixtures` has them, but for the kind of noise, which is −1: not known."""
    known = pairs("train")
    train = [pair for pair in known if pair.speaker not in VALID_SPEAKERS]
    valid = [pair for pair in known if pair.speaker in VALID_SPEAKERS]
    return Splits(_to_mix(train), _mixed(valid)[:2], _mixed(pairs("test")))


def _to_mix(sentences: list[Pair]) -> Arrays:
    """Speech, and noise as what the noisy sentence has more, in rows of three seconds as 16-bit integers."""
    both = [(load(pair.clean), load(pair.noisy), pair.speaker) for pair in sentences]
    speech_BT = pieces([Recording(clean_T, speaker) for clean_T, _, speaker in both])
    noise_BT = pieces([Recording(noisy_T - clean_T, speaker) for clean_T, noisy_T, speaker in both])
    return speech_BT, noise_BT


def _mixed(sentences: list[Pair]) -> Arrays:
    length = TEST_SECONDS * RATE_HZ
    clean_BT, noisy_BT = (
        torch.stack([F.pad(x[:length], (0, length - len(x[:length]))) for x in map(load, paths)])
        for paths in ([pair.clean for pair in sentences], [pair.noisy for pair in sentences])
    )
    names = sorted({pair.speaker for pair in sentences})
    speaker_B = torch.tensor([names.index(pair.speaker) for pair in sentences])
    return noisy_BT, clean_BT, snr_db(clean_BT, noisy_BT).float(), torch.full_like(speaker_B, -1), speaker_B
