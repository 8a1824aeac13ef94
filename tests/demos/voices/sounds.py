"""Recordings to compare: synthetic voices that ship, and sounds written to files."""

from pathlib import Path
from typing import Any

import soundfile
import torch

from demos.voices.nets import EXAMPLES
from signals.audio import RATE_HZ

ADA, ADA_TOO, DAN = (str(EXAMPLES / f"{name}.flac") for name in ("ada-first", "ada-second", "dan-first"))


def sound(path: Path, x: torch.Tensor, rate_hz: int = RATE_HZ, **options: Any) -> str:
    """The file at `path` after `x` has been written to it."""
    soundfile.write(path, x.numpy(), rate_hz, **options)
    return str(path)


def noise(seconds: float, channels: int = 1) -> torch.Tensor:
    return 0.1 * torch.randn(int(seconds * RATE_HZ), channels, generator=torch.Generator().manual_seed(0))
