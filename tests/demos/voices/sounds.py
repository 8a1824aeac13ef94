"""Recordings to compare: test speakers that ship, a synthetic voice, and sounds written to files."""

from pathlib import Path
from typing import Any

import soundfile
import torch

from demos.voices.pairs import people
from signals.audio import RATE_HZ
from training.data import synthetic

ADA, ADA_TOO, DAN = str(people()["Woman 1"][0]), str(people()["Woman 1"][1]), str(people()["Man 2"][0])
"""A woman twice, and a man, by names that their tests give them."""
ROBOT = str(synthetic.speakers()["bea"][0])


def sound(path: Path, x: torch.Tensor, rate_hz: int = RATE_HZ, **options: Any) -> str:
    """The file at `path` after `x` has been written to it."""
    soundfile.write(path, x.numpy(), rate_hz, **options)
    return str(path)


def noise(seconds: float, channels: int = 1) -> torch.Tensor:
    return 0.1 * torch.randn(int(seconds * RATE_HZ), channels, generator=torch.Generator().manual_seed(0))
