"""How well strangers are told from test pictures: the other data set, and photographs that come with packages."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.diagnose._nets import NETS, Facts, trained
from explanation.novelty import KnnNovelty
from metrics.detection import auc, roc_curve
from models import load_cached
from signals.image import square
from training._table import markdown
from training.data import crc_cells, ph2

COLUMNS = ("net", "against", "n", "AUC", "strangers caught", "own pictures mistaken")


def measure() -> Facts:
    """`novelty`: for each net a list of strangers."""
    found = {}
    homes = {
        "cells_cnn": (crc_cells.part("test")[0], crc_cells.SIDE),
        "dermoscopy": (ph2.splits().test[0], ph2.SIDE),
    }
    for name in trained():
        own, side = homes[name]
        checkpoint = load_cached(NETS[name], name)
        net: Any = checkpoint.model
        familiar = KnnNovelty.kept(checkpoint.evidence, net.layers())
        at_home_B = familiar.distances(net, own)
        other = ph2.pictures()[0] if name == "cells_cnn" else crc_cells.part("test")[0][::8]
        strangers = {"moles" if name == "cells_cnn" else "colon cells": resized(other, side)}
        strangers["photographs of other things"] = photographs(side)
        found[name] = [told_apart(who, at_home_B, familiar.distances(net, x), familiar) for who, x in strangers.items()]
    return {"novelty": found}


def told_apart(who: str, own_B: Tensor, strange_B: Tensor, familiar: KnnNovelty) -> Facts:
    """Distances of a net's own test pictures and of strangers: the curve, its area, and the shares at the threshold."""
    score = torch.cat([own_B, strange_B])
    strange = torch.arange(len(score)) >= len(own_B)
    false_K, true_K = roc_curve(score, strange)
    kept = torch.linspace(0, len(false_K) - 1, min(60, len(false_K))).round().long()
    return {
        "against": who,
        "auc": auc(score, strange),
        "n": len(strange_B),
        "n_own": len(own_B),
        "caught": (strange_B > familiar.threshold).double().mean().item(),
        "mistaken": (own_B > familiar.threshold).double().mean().item(),
        "false": [round(v, 4) for v in false_K[kept].tolist()],
        "true": [round(v, 4) for v in true_K[kept].tolist()],
    }


def resized(x_B3HW: Tensor, side: int) -> Tensor:
    """`(B, 3, side, side)` uint8."""
    large = F.interpolate(x_B3HW.float(), (side, side), mode="bilinear", antialias=True, align_corners=False)
    return large.round().clamp(0, 255).byte()


def photographs(side: int, n: int = 120) -> Tensor:
    """Crops `(n, 3, side, side)` uint8 of twelve pictures that come with scikit-image.

    People, animals, textures, tissue in another stain.
    """
    from PIL import Image
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


def table(kept: Facts) -> str:
    rows = [(name, r) for name, found in kept["novelty"].items() for r in found]
    return markdown(
        COLUMNS,
        [
            [name, r["against"], r["n"], f"{r['auc']:.3f}", f"{r['caught']:.3f}", f"{r['mistaken']:.3f}"]
            for name, r in rows
        ],
    )


def notes(kept: Facts) -> Iterator[str]:
    if kept.get("novelty"):
        yield (
            "The layers and the floor by which strangers are told were chosen on the very pictures that these areas "
            "are measured on: read them as the best case."
        )
