"""How `cells_cnn` was chosen: 48 patients of train and validation, a third of them left out at a time.

Every candidate answers each of the 7,575 cells by a net that never met its patient. Offsets of the logits are chosen
for macro-F1 on the two thirds' answers and asked about the other third, so that the figure with them is fair too.
Answers are kept in the machine's folder for temporary files: a measurement that is cut off goes on from there.
"""

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.choices._folds import dealt, out_of_fold
from metrics.classification import confusion, macro_f1
from training import Arrays, Recipe, Splits
from training._second_opinion import ask, features, indexed
from training.data import crc_cells
from training.recipes import cells_cnn
from training.tasks.classification import metrics_of_logits, predict_logits, step, with_class_weights

FOLDS = 3
EPOCH = 105
"""Steps of 64 cells in which the 42 training patients pass once; a fold's 32 take fewer."""
COLUMNS = ["candidate", "macro-F1", "with offsets", "AUC", "accuracy", "F1 other"]
KEPT = Path(tempfile.gettempdir()) / "wavelens_choices"


def measure(quick: bool) -> dict[str, Any]:
    """A row for each candidate, on the pooled answers."""
    arrays, rows = everyone(), []
    label_B, patient_B = arrays[1:3]
    fold_B = dealt(patient_B, FOLDS)
    for name, recipe in candidates().items():
        if quick:
            recipe = replace(recipe, budget=replace(recipe.budget, steps=2))
        logit_BC = answers(name, recipe, arrays, fold_B, keep=not quick)
        found = metrics_of_logits(logit_BC, label_B, crc_cells.CLASSES)
        shifted = macro_f1_of(logit_BC + cross_fitted(logit_BC, label_B, fold_B), label_B)
        cells = [found["macro_f1"], shifted, found["auc"], found["accuracy"], found["f1_other"]]
        rows.append([name, *(f"{value:.3f}" for value in cells)])
        print(rows[-1], [round(v, 2) for v in offsets(logit_BC, label_B).tolist()], flush=True)
    caption = f"cells_cnn: {len(label_B):,} cells of 48 patients, each answered by a net that never met the patient"
    return {"caption": caption, "columns": COLUMNS, "rows": rows}


def everyone() -> Arrays:
    """Train and validation as one, as the recipe has them, their patients numbered through."""
    train, valid = (crc_cells.part(name) for name in ("train", "valid"))
    apart = valid[2] + int(train[2].max()) + 1
    both = torch.cat([train[0], valid[0]]), torch.cat([train[1], valid[1]]), torch.cat([train[2], apart])
    return indexed(with_class_weights(lambda: Splits(both, both, both), power=0.5))().train


def candidates() -> dict[str, "Recipe[Any]"]:
    """What was tried, by what it is called in the table."""
    alone: dict[str, Any] = {"step": partial(step, augment=cells_cnn.augment), "initial": None}
    heard, believed = (partial(step, augment=cells_cnn.augment, opinion=say) for say in (0.5, 0.8))
    return {
        "20 epochs": replace(of_epochs(20), **alone),
        "20 epochs, a second opinion": replace(of_epochs(20), step=heard),
        "20 epochs, four fifths of the say": replace(of_epochs(20), step=believed),
    }


def of_epochs(epochs: int) -> "Recipe[Any]":
    """The recipe in as many steps an epoch as a fold's share of the patients gives."""
    budget = replace(cells_cnn.recipe.budget, steps=epochs * EPOCH * 3 // 4)
    return replace(cells_cnn.recipe, budget=budget)


def answers(name: str, recipe: "Recipe[Any]", arrays: Arrays, fold_B: Tensor, *, keep: bool) -> Tensor:
    """Logits `(B, C)` out of fold, read again where this machine has them already."""
    path = KEPT / f"cells_cnn, {name}.pt"
    if keep and path.exists():
        return torch.load(path, weights_only=True)
    if recipe.initial:  # asked fold by fold: who has an opinion met nobody who is left out either
        recipe = replace(recipe, initial=partial(ask, feature_ID=features(arrays[0])))
    found_BC = out_of_fold(recipe, arrays, fold_B, lambda net, held: predict_logits(net, held[0]))
    if keep:
        path.parent.mkdir(exist_ok=True)
        torch.save(found_BC, path)
    return found_BC


def offsets(logit_BC: Tensor, label_B: Tensor, *, rounds: int = 3) -> Tensor:
    """What to add to the logits `(C,)` for the best macro-F1: one class after the other, in steps of a tenth."""
    best_C = torch.zeros(logit_BC.shape[1])
    for _ in range(rounds):
        for c in range(len(best_C)):
            tried = [best_C + delta * torch.eye(len(best_C))[c] for delta in torch.arange(-8, 9) / 10]
            best_C = max(tried, key=lambda shift_C: macro_f1_of(logit_BC + shift_C, label_B))
    return best_C - best_C.mean()


def cross_fitted(logit_BC: Tensor, label_B: Tensor, fold_B: Tensor) -> Tensor:
    """`(B, C)`: for each cell the offsets that the other folds' patients choose."""
    found_BC = torch.zeros_like(logit_BC)
    for fold in fold_B.unique():
        held_B = fold_B == fold
        found_BC[held_B] = offsets(logit_BC[~held_B], label_B[~held_B])
    return found_BC


def macro_f1_of(logit_BC: Tensor, label_B: Tensor) -> float:
    return macro_f1(confusion(logit_BC.argmax(1), label_B, logit_BC.shape[1]))
