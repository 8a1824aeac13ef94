"""The net that answers: the shipped one, or the one that this visitor has just trained in its place."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from torch import Tensor, nn

from models import load_cached
from training import Recipe, Run

M = TypeVar("M", bound=nn.Module)
_TRAINED = itertools.count(1)


@dataclass(frozen=True)
class Net(Generic[M]):
    """A recipe's net with the evidence about it, for a machine without the data.

    Nets are equal where their keys are, so that `functools.lru_cache` remembers what is computed from one by its weights.
    """

    recipe: Recipe[M] = field(compare=False)
    model: M = field(compare=False)
    evidence: dict[str, Tensor] = field(compare=False)
    key: str
    """Names these weights and no others, so that what is computed from them may be remembered by it."""
    own: bool = field(default=False, compare=False)

    @classmethod
    def pretrained(cls, recipe: Recipe[M]) -> Net[M]:
        """The checkpoint's net, read once for all visitors; CheckpointMissing or CheckpointDamaged say what to do."""
        checkpoint = load_cached(recipe.model.func, recipe.name)  # type: ignore[attr-defined]
        return cls(recipe, checkpoint.model, checkpoint.evidence, checkpoint.card.weights_sha256)

    @classmethod
    def from_run(cls, run: Run[M], evidence: dict[str, Tensor] | None = None) -> Net[M]:
        """The best net of a visitor's run, with its own evidence, or with what is given in its place."""
        model = run.best_model()
        if evidence is None:
            evidence = run.evidence(model)
        return cls(run.recipe, model, evidence, f"own {next(_TRAINED)}", own=True)

    @property
    def whose(self) -> str:
        return "your model" if self.own else "the shipped model"


def active(recipe: Recipe[M], own: Net[Any] | None) -> Net[M]:
    """The visitor's own net where it is of this recipe, the shipped one where not."""
    return own if own is not None and own.recipe.name == recipe.name else Net.pretrained(recipe)
