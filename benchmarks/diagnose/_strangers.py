"""Pictures of other things, by kind: those that the warning was settled with, and those that it never met before."""

import io
from collections.abc import Callable, Iterable

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from benchmarks.diagnose._nets import TEST
from signals.image import read, square
from training.data import bsds500, fashion_mnist, lgg_mri, medmnist, mnist, ph2
from training.data._root import hub_file, root

OTHERS = 300
"""Strangers of a kind, at most."""
KIN = {"pneumonia_cnn": "chest films", "cells_cnn": "colon cells", "dermoscopy": "moles"}
"""What is no stranger to a net."""


def in_view(name: str, side: int) -> dict[str, Tensor]:
    """Kinds that were looked at while layers, root, floor and share were settled: `(n, 3, side, side)` uint8."""
    draw = torch.Generator().manual_seed(0)
    index = torch.randperm(1000, generator=draw)[:OTHERS]
    kinds: dict[str, Callable[[], Tensor]] = {
        "chest films": TEST["pneumonia_cnn"],
        "colon cells": TEST["cells_cnn"],
        "moles": lambda: ph2.pictures()[0],
        "brain scans": lambda: grey(lgg_mri.part("test")[0]),
        "handwritten digits": lambda: grey(mnist.official("test")[0][index]),
        "photographs of other things": lambda: photographs(side),
        "grey photographs": lambda: grey(photographs(side).float().mean(1).byte()),
        "noise": lambda: torch.randint(0, 256, (OTHERS, 3, side, side), generator=draw, dtype=torch.uint8),
        "one even colour": lambda: torch.randint(0, 256, (OTHERS, 3, 1, 1), generator=draw, dtype=torch.uint8),
    }
    return {who: resized(thinned(of()), side) for who, of in kinds.items() if who != KIN[name]}


def unseen(side: int) -> dict[str, Tensor]:
    """Kinds that nothing was settled with, `(n, 3, side, side)` uint8: asked once, when all else stood."""
    glands_BDHW = medmnist.part("adrenalmnist3d", "test", size=64)[0][:, 0]
    return {
        "groceries": from_files(sorted((root() / "grocery" / "test").rglob("*.jpg")), side),
        "CIFAR-10's animals and vehicles": resized(thinned(cifar10()), side),
        "clothes of Fashion-MNIST": resized(thinned(grey(fashion_mnist.official("test")[0])), side),
        "landscapes and animals of BSDS500": from_files(bsds500.pictures_of("bsds500"), side),
        "outlines of adrenal glands": resized(thinned(grey(255 * glands_BDHW[:, 32].gt(0).byte())), side),
    }


def cifar10() -> Tensor:
    """The first thousand test pictures of CIFAR-10, `(1000, 3, 32, 32)` uint8."""
    import pyarrow.parquet as parquet

    table = parquet.read_table(hub_file("uoft-cs/cifar10", "plain_text/test-00000-of-00001.parquet"), columns=["img"])
    found = [Image.open(io.BytesIO(row["bytes"])).convert("RGB") for row in table["img"][:1000].to_pylist()]
    return torch.from_numpy(np.stack([np.asarray(picture) for picture in found])).permute(0, 3, 1, 2)


def from_files(paths: Iterable[object], side: int) -> Tensor:
    """The middle squares of pictures in files."""
    files = [str(path) for path in paths]
    return torch.stack([square(read(path), side) for path in files[:: max(1, len(files) // OTHERS)]])


def thinned(x_B3HW: Tensor) -> Tensor:
    return x_B3HW[:: max(1, len(x_B3HW) // OTHERS)]


def grey(x_BHW: Tensor) -> Tensor:
    """`(B, 3, H, W)` of grey pictures `(B, H, W)` or `(B, 1, H, W)`."""
    return x_BHW.flatten(0, -3).unsqueeze(1).expand(-1, 3, -1, -1)


def resized(x_B3HW: Tensor, side: int) -> Tensor:
    """`(B, 3, side, side)` uint8."""
    large = F.interpolate(x_B3HW.float(), (side, side), mode="bilinear", antialias=True, align_corners=False)
    return large.round().clamp(0, 255).byte()


def photographs(side: int, n: int = 120) -> Tensor:
    """Crops `(n, 3, side, side)` uint8 of twelve pictures that come with scikit-image.

    People, animals, textures, tissue in another stain.
    """
    from skimage import data

    names = ("astronaut", "chelsea", "coffee", "rocket", "retina", "immunohistochemistry", "camera", "coins", "moon")
    names += ("brick", "grass", "hubble_deep_field")
    whole = [Image.fromarray(getattr(data, name)()).convert("RGB") for name in names]
    draw = np.random.default_rng(0)
    found = []
    for i in range(n):
        picture = whole[i % len(whole)]
        length = int(min(picture.size) * draw.uniform(0.3, 1))
        x, y = (int(draw.integers(0, full - length + 1)) for full in picture.size)
        found.append(square(picture.crop((x, y, x + length, y + length)), side))
    return torch.stack(found)
