"""The volumes that nets are asked about: examples, test glands, files, and what is left of one under the rubber."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from signals import volume, volume_files
from training.data import at_hand, medmnist

EDGE = 64
"""Voxels along each side of what is asked about."""
FLAG = "adrenalmnist3d"
GLANDS = Path(__file__).parent / "examples" / "glands.npz"
MOST_STROKES = 60
_LOADED = itertools.count(1)


@dataclass(frozen=True)
class Volume:
    """A mask `x_DHW` `(64, 64, 64)` uint8, 0 or 255, in words; its `truth` where it is known, and what was done to a file."""

    words: str
    x_DHW: Tensor
    key: str
    truth: int | None = None
    millimetres: float = 1.0
    said: str = ""
    affine_44: np.ndarray | None = field(default=None, compare=False)
    """Where an upload lies, as NIfTI has it."""

    @property
    def x_1(self) -> Tensor:
        """`(1, 1, 64, 64, 64)` uint8, as nets are asked."""
        return self.x_DHW[None, None]

    @property
    def voxels(self) -> int:
        """How many are inside."""
        return int((self.x_DHW > 0).sum())

    @property
    def millilitres(self) -> float:
        """Its volume."""
        return self.voxels * self.millimetres**3 / 1000


class Example(NamedTuple):
    """One of the volumes on the page: its name, and its number in the test set that ships, or none of a shape of ours."""

    name: str
    number: int | None


NUMBERS = (112, 57, 71, 102, 116, 93)
"""Test glands of the samples that ship: the first and the third diseased, plainly so; the fourth large and healthy; the
fifth healthy and often taken for diseased, the last diseased and often missed."""
EXAMPLES = {
    **{f"gland {number}": Example(f"Gland {i + 1}", number) for i, number in enumerate(NUMBERS)},
    "ball": Example("A ball", None),
}
FIRST = f"gland {NUMBERS[0]}"


@cache
def example(key: str) -> Volume:
    """One of `EXAMPLES`, which ship with the page; ValueError for another key."""
    if key not in EXAMPLES:
        raise ValueError("No volume is chosen yet: take one of those in the row.")
    name, number = EXAMPLES[key]
    if number is None:
        x_DHW = volume.ball((EDGE,) * 3, (31.5,) * 3, 14).byte() * 255
        return Volume("a ball that we drew", x_DHW, key)
    with np.load(GLANDS, allow_pickle=False) as kept:
        i = kept["number"].tolist().index(number)
        inside_DHW, label = np.unpackbits(kept["bits"][i], axis=-1), int(kept["label"][i])
    return Volume(f"{name.lower()} of the test set", 255 * torch.from_numpy(inside_DHW), key, truth=label)


def random_test_gland() -> Volume:
    """A test gland; torch's own generator belongs to whoever trains."""
    x_B1DHW, label_B, _ = at_hand(partial(medmnist.part, FLAG, "test", size=EDGE)).value
    i = random.randrange(len(x_B1DHW))
    words = f"test gland {i + 1} of {len(x_B1DHW)}"
    return Volume(words, x_B1DHW[i, 0], f"test {i} of {len(x_B1DHW)}", truth=int(label_B[i]))


def upload(paths: Sequence[str]) -> Volume:
    """A visitor's file or files as a mask of 64³; ValueError in a visitor's words where they hold none."""
    found = volume_files.read(paths)
    x_DHW = (found.x_DHW > 0.5).byte() * 255
    return Volume(
        "your volume",
        x_DHW,
        f"upload {next(_LOADED)}",
        millimetres=found.millimetres,
        said=found.said,
        affine_44=found.affine_44,
    )


def rubbed(shown: Volume, strokes: Any) -> Volume:
    """The volume after balls were bitten off and filled in: `[x, y, z, radius, 0 or 1]` each, along D, H, W, in order.

    ValueError where they are none that the page sends, or leave nothing.
    """
    x_DHW = shown.x_DHW
    for x, y, z, radius, fill in _strokes(strokes):
        act = volume.filled if fill else volume.bitten
        x_DHW = act(x_DHW > 0, (x, y, z), radius).byte() * 255
    if not x_DHW.any():
        raise ValueError("Nothing is left of it. Take a bite back, and the net answers again.")
    return replace(shown, x_DHW=x_DHW)


def _strokes(strokes: Any) -> list[tuple[float, ...]]:
    if not isinstance(strokes, list) or len(strokes) > MOST_STROKES:
        raise ValueError(f"At most {MOST_STROKES} balls can be bitten off or filled in. Take some back.")
    found = []
    for stroke in strokes:
        if not isinstance(stroke, list) or len(stroke) != 5 or not all(isinstance(n, int | float) for n in stroke):
            raise ValueError("The rubber has sent what is no ball. Open the page again.")
        *place, radius, fill = stroke
        if not all(0 <= n < EDGE for n in place) or not 1 <= radius <= 16:
            raise ValueError("A ball’s middle lies inside the cube, and its radius is from 1 to 16 voxels.")
        found.append((*place, radius, fill))
    return found
