"""How many strangers get the warning, of kinds that it was settled with and of kinds that it never met.

And how many of a net's own test pictures get it by mistake.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from benchmarks._report import Claim, claim
from benchmarks.diagnose._nets import NETS, TEST, Facts, trained
from benchmarks.diagnose._strangers import in_view, unseen
from explanation.novelty import PASSING, KnnNovelty
from metrics.detection import auc, roc_curve
from models import load_cached
from signals.image import COLOURED, colourfulness
from training._table import markdown
from training.data import crc_cells, ph2

SIDES = {"pneumonia_cnn": 28, "cells_cnn": crc_cells.SIDE, "dermoscopy": ph2.SIDE}
"""The nets of the tab that look for strangers, and how large their pictures are."""
COLUMNS = ("net", "against", "n", "settled with it", "AUC", "strangers caught", "own pictures mistaken")
FEWEST = 0.9
"""Of kinds that were never met, how many shall be caught."""


def measure() -> Facts:
    """`novelty`: for each net a list of strangers."""
    found = {}
    for name in (name for name in trained() if name in SIDES):
        own, side = TEST[name](), SIDES[name]
        checkpoint = load_cached(NETS[name], name)
        net: Any = checkpoint.model
        familiar = KnnNovelty.kept(checkpoint.evidence, net.layers())
        at_home_B = familiar.distances(net, own)
        kinds = [(who, x, False) for who, x in in_view(name, side).items()]
        kinds += [(who, x, True) for who, x in unseen(side).items()]
        found[name] = [
            told_apart(who, at_home_B, unlikeness(name, net, familiar, x), familiar) | {"unseen": is_unseen}
            for who, x, is_unseen in kinds
        ]
    return {"novelty": found}


def unlikeness(name: str, net: Any, familiar: KnnNovelty, x_B3HW: Tensor) -> Tensor:
    """`(B,)`: the distances; on chest films, which have none, colour alone makes a stranger, however near he is."""
    distance_B = familiar.distances(net, x_B3HW)
    if name != "pneumonia_cnn":
        return distance_B
    return torch.where(colourfulness(x_B3HW) > COLOURED, distance_B.clamp(min=2 * familiar.threshold), distance_B)


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


def table(kept: Facts) -> str:
    rows = [(name, r) for name, found in kept["novelty"].items() for r in found]
    return markdown(
        COLUMNS,
        [
            [
                *(name, r["against"], r["n"], "never met" if r["unseen"] else "yes"),
                *(f"{r[key]:.3f}" for key in ("auc", "caught", "mistaken")),
            ]
            for name, r in rows
        ],
    )


def claims(kept: Facts) -> Iterator[Claim]:
    """At most one in twenty of its own test pictures is taken for a stranger, and kinds never met are caught."""
    for name, found in kept.get("novelty", {}).items():
        yield claim(f"{name}: own test pictures taken for strangers", found[0]["mistaken"], "≤", 0.05)
        if new := [r for r in found if r["unseen"]]:
            share = sum(r["n"] * r["caught"] for r in new) / sum(r["n"] for r in new)
            yield claim(f"{name}: strangers of {len(new)} kinds never met before caught", share, "≥", FEWEST)


def notes(kept: Facts) -> Iterator[str]:
    if kept.get("novelty"):
        yield (
            f"Where a stranger begins: {100 * PASSING:.0f} % of the training and validation pictures lie nearer, each "
            "held against pictures of other patients (or other pictures) alone. Test took no part. Layers, floor, root "
            "and that share were settled with the kinds that say so; the others were asked once, when all else stood."
        )
