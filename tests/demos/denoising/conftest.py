"""What the tests of the Denoising tab share: nets with random weights, a voice, and answers put together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from demos.denoising import mixing
from demos.denoising.layout import Answer
from models import _checkpoint
from models.denoiser import LinearDenoiser, RecurrentDenoiser
from signals.audio import RATE_HZ
from tests.cards import blank


@pytest.fixture
def untrained(checkpoints: Path) -> Path:
    """Nets with random weights in the place of the shipped ones: what the tab does must not hang on their quality."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, net in (
            ("denoiser_gru", RecurrentDenoiser(hidden=32, layers=1)),
            ("denoiser_linear", LinearDenoiser()),
        ):
            _checkpoint.save(name, net, blank(name, net, metrics={"si_sdr_gain_db": 0.0}))
    return checkpoints


@pytest.fixture
def voice() -> Tensor:
    """A second and a half of a reader, at 16 kHz, at a peak of 0.7."""
    x_T = mixing.speeches()["Reader 3"]()[int(2.4 * RATE_HZ) : int(3.9 * RATE_HZ)]
    return x_T * (0.7 / x_T.abs().max())


def skips(value: Any) -> bool:
    """Whether a value leaves its place as it is."""
    return isinstance(value, dict) and value.get("__type__") == "update" and set(value) == {"__type__"}


def last(answers: Iterator[Answer]) -> Answer:
    """An answer with everything that came: later parts replace earlier ones, except where they skip."""
    whole = Answer()
    for answer in answers:
        whole = Answer(*(old if skips(new) else new for old, new in zip(whole, answer, strict=True)))
    return whole


def samples(deck: dict[str, Any], side: str) -> tuple[Tensor, int]:
    """A side of what the players play, and its rate in Hz."""
    x_T, rate_hz = soundfile.read(deck["files"][side]["path"], dtype="float32")
    return torch.from_numpy(x_T), rate_hz


def written(folder: Path, x_T: Tensor | np.ndarray, rate_hz: int, kind: str, subtype: str | None = None) -> str:
    """Samples as a sound file of that kind; its path."""
    path = folder / f"sound.{kind}"
    soundfile.write(path, np.asarray(x_T), rate_hz, subtype=subtype)
    return str(path)
