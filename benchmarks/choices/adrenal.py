"""How `adrenal_3d` was chosen: training and validation together, a third of the glands left out at a time.

98 validation glands decide nothing. A candidate answers each of the 1,286 by a net that never met it, though it may
have met the same patient's other gland, which the file does not tell; the shape regression is asked the same way. Its
answers are kept in the machine's folder for temporary files: a measurement that is cut off goes on from there.
"""

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.choices._folds import out_of_fold
from benchmarks.volumes import peers
from metrics.detection import auc
from metrics.intervals import by_kind
from models.volume import pooled
from signals.volume_measures import shape_measures
from training import Arrays, Recipe
from training._augment import shifted
from training.recipes import adrenal_3d
from training.tasks import classification, volumes

FOLDS = 3
STEPS = 53
"""Of 16 glands, in which two thirds of all pass once."""
COLUMNS = ["candidate", "AUC", "AUC fold by fold", "AUC more than as it ships (95 %, paired)"]
WORDS = "A gain whose interval holds 0 is no reason to change what ships."
KEPT = Path(tempfile.gettempdir()) / "wavelens_choices"


def candidates() -> dict[str, "Recipe[Any]"]:
    """What was tried, by what it is called in the table."""
    chosen = of_epochs(adrenal_3d.recipe, adrenal_3d.EPOCHS)
    return {
        f"as it ships, {adrenal_3d.EPOCHS} epochs": chosen,
        "mirrored from left to right only": replace(chosen, step=partial(classification.step, augment=left_right)),
        f"{2 * adrenal_3d.EPOCHS} epochs": of_epochs(adrenal_3d.recipe, 2 * adrenal_3d.EPOCHS),
    }


def left_right(x_B1DHW: Tensor, generator: torch.Generator) -> Tensor:
    """The mirror images that a body has, the first axis's, and the recipe's shifts."""
    x_B1DHW = pooled(x_B1DHW)
    coin_B = torch.rand(len(x_B1DHW), 1, 1, 1, 1, generator=generator) < 0.5
    moved_B1DHW = shifted(x_B1DHW, generator, shift=round(volumes.SHIFT * x_B1DHW.shape[-1]))
    return torch.where(coin_B, moved_B1DHW.flip(2), moved_B1DHW)


def of_epochs(recipe: "Recipe[Any]", epochs: int) -> "Recipe[Any]":
    """The recipe in as many steps as a fold's share of the glands gives."""
    return replace(recipe, budget=replace(recipe.budget, steps=epochs * STEPS))


def measure(quick: bool) -> dict[str, Any]:
    """A row for each candidate, and for the shape regression, on the pooled answers, beside the first, which ships."""
    arrays, rows, first_B = everyone(), [], None
    fold_B = dealt(arrays[1])
    for name, recipe in candidates().items():
        if quick:
            recipe = replace(recipe, budget=replace(recipe.budget, steps=2))
        score_B = answers(name, recipe, arrays, fold_B, keep=not quick)
        rows.append(line(name, score_B, first_B, arrays[1], fold_B))
        first_B = score_B if first_B is None else first_B
        print(rows[-1], flush=True)
    rows.append(line(peers.SHAPE, shape_answers(arrays, fold_B), first_B, arrays[1], fold_B))
    caption = f"adrenal_3d: {len(fold_B):,} glands of training and validation, each answered by a net that never met it"
    return {"caption": caption, "columns": COLUMNS, "rows": rows, "words": WORDS}


def line(name: str, score_B: Tensor, first_B: Tensor | None, label_B: Tensor, fold_B: Tensor) -> list[str]:
    """AUC of all answers pooled, within each fold, and by how much it is above that of `first_B`."""
    within = [auc(score_B[fold_B == fold], label_B[fold_B == fold] == 1) for fold in fold_B.unique()]
    row = [name, f"{auc(score_B, label_B == 1):.3f}", ", ".join(f"{value:.3f}" for value in within)]
    return [*row, "" if first_B is None else more(score_B, first_B, label_B)]


def more(score_B: Tensor, first_B: Tensor, label_B: Tensor) -> str:
    """How much higher the AUC of `score_B` is than that of `first_B`, with the interval when glands are drawn again."""

    def difference(both_B2: Tensor, positive_B: Tensor) -> float:
        return auc(both_B2[:, 0], positive_B) - auc(both_B2[:, 1], positive_B)

    both_B2, positive_B = torch.stack([score_B, first_B], 1), label_B == 1
    low, high, _ = by_kind(both_B2, positive_B, difference)
    return f"{difference(both_B2, positive_B):+.3f} ({low:+.3f} to {high:+.3f})"


def everyone() -> Arrays:
    """Train and validation as one, weighted by class, glands numbered through."""
    train, valid, _ = adrenal_3d.recipe.data()
    x_B1DHW, label_B, _, weight_B = (torch.cat(both) for both in zip(train, valid, strict=True))
    return x_B1DHW, label_B, torch.arange(len(label_B)), weight_B


def dealt(label_B: Tensor, *, seed: int = 0) -> Tensor:
    """The fold `(B,)` of every gland, each class spread evenly."""
    fold_B, draw = torch.empty_like(label_B), torch.Generator().manual_seed(seed)
    for c in label_B.unique():
        index = (label_B == c).nonzero()[:, 0]
        fold_B[index[torch.randperm(len(index), generator=draw)]] = torch.arange(len(index)) % FOLDS
    return fold_B


def answers(name: str, recipe: "Recipe[Any]", arrays: Arrays, fold_B: Tensor, *, keep: bool) -> Tensor:
    """Log odds of hyperplasia `(B,)` out of fold, read again where this machine has them already."""
    path = KEPT / f"adrenal, {name}.pt"
    if keep and path.exists():
        return torch.load(path, weights_only=True)
    found_B = out_of_fold(recipe, arrays, fold_B, log_odds)
    if keep:
        path.parent.mkdir(exist_ok=True)
        torch.save(found_B, path)
    return found_B


def log_odds(net: Any, held: Arrays) -> Tensor:
    """Of the second class, `(B,)`."""
    logit_BC = volumes.predict_logits(net, held[0])
    return logit_BC[:, 1] - logit_BC[:, 0]


def shape_answers(arrays: Arrays, fold_B: Tensor) -> Tensor:
    """The regression's probabilities out of fold `(B,)`."""
    measures_BF, found_B = shape_measures(arrays[0] > 127).numpy(), torch.zeros(len(fold_B))
    for fold in fold_B.unique():
        held_B = fold_B == fold
        model = peers.made(peers.SHAPE, 3.0).fit(measures_BF[~held_B], arrays[1][~held_B].numpy())
        found_B[held_B] = torch.from_numpy(model.predict_proba(measures_BF[held_B])[:, 1]).float()
    return found_B
