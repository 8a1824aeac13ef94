"""Leaving out in turn: every unit of the training side is answered once, by a net that never met it.

A unit is what is independent: a patient, a record, a speaker. Test takes no part, and what a fold leaves out chooses
nothing within it: the weights of the last step answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from training import Arrays, Recipe, Run, Splits

Answer = Callable[[Any, Arrays], Tensor]
"""A fitted net's answers to the samples that were left out, `(B, ...)`, in their order."""


def dealt(unit_B: Tensor, k: int) -> Tensor:
    """The fold `(B,)`, 0 to k − 1, of every sample: whole units, the largest first, each to the smallest fold yet.

    ValueError where there are fewer units than folds.
    """
    units, count_U = unit_B.unique(return_counts=True)
    if len(units) < k:
        raise ValueError(f"{len(units)} units cannot be left out in {k} folds: ask for {len(units)} at most.")
    size_K, fold_B = [0] * k, torch.zeros(len(unit_B), dtype=torch.long)
    for u in count_U.argsort(descending=True, stable=True).tolist():
        smallest = size_K.index(min(size_K))
        fold_B[unit_B == units[u]] = smallest
        size_K[smallest] += int(count_U[u])
    return fold_B


def left_out(arrays: Arrays, fold_B: Tensor) -> Iterator[tuple[Tensor, Splits]]:
    """For each fold where its samples stand, `(B,)` bool, and the splits: the others train, its own are the test."""
    for fold in fold_B.unique().tolist():
        held_B = fold_B == fold
        rest, held = (tuple(t[chosen_B] for t in arrays) for chosen_B in (~held_B, held_B))
        yield held_B, Splits(rest, held, held)


def out_of_fold(recipe: "Recipe[Any]", arrays: Arrays, fold_B: Tensor, answer: Answer, *, seed: int = 0) -> Tensor:
    """Every sample's answer `(B, ...)` by the net that was fitted without its fold, with the recipe's whole budget."""
    found: Tensor | None = None
    for held_B, splits in left_out(arrays, fold_B):
        part = answer(fitted(recipe, splits, seed=seed), splits.test)
        if found is None:
            found = part.new_zeros(len(fold_B), *part.shape[1:])
        found[held_B] = part
        print(f"  {recipe.name}, seed {seed}: {int(held_B.sum()):,} of {len(fold_B):,} answered", flush=True)
    assert found is not None
    return found


def fitted(recipe: "Recipe[Any]", splits: Splits, *, seed: int = 0) -> nn.Module:
    """The net of a recipe's last step on these splits, as it would ship."""
    budget = replace(recipe.budget, seed=seed, eval_every=recipe.budget.steps)
    run = Run(replace(recipe, data=lambda: splits), budget)
    for _ in run:
        pass
    return run.best_model()
