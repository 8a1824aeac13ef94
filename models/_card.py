"""A checkpoint's card: what it must hold, and how it is read, so that whatever is read from one is there."""

from dataclasses import dataclass, field, fields
from typing import Any

from models._form import misfit

Metrics = dict[str, float]


class CheckpointMissing(RuntimeError):
    """There is no checkpoint of this name yet; the message holds the command that makes it."""


class CheckpointDamaged(RuntimeError):
    """The checkpoint cannot be trusted; the message says why and what to do."""


class Measured(dict[str, float]):
    """Figures by name, as a card has them: whoever asks for one that it lacks is told that the card is damaged."""

    def __missing__(self, key: str) -> float:
        raise CheckpointDamaged(f"The checkpoint is damaged: its card does not say its “{key}”. Make it again.")


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is known about one set of weights; in a file it has `FORM`.

    `metrics` and `intervals` (`{"accuracy": {"low": …, "high": …, "n": …}}`, 95 %) were measured on the test split with
    exactly the stored weights; `validation` is what they were chosen by; `seeds` maps a seed to the test metrics of a
    run of the same recipe with it.
    """

    recipe: str
    model: str
    config: dict[str, Any]
    metrics: Metrics
    intervals: dict[str, dict[str, float]]
    validation: Metrics
    budget: dict[str, Any]
    data: dict[str, Any]
    provenance: dict[str, Any]
    parameters: int
    bytes: int
    weights_sha256: str
    evidence_sha256: str | None = None
    seeds: dict[str, Metrics] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """On how many items of test the headline was measured."""
        return self.data.get("n_headline", self.data["n_test"])

    @property
    def repeated_by(self) -> str | None:
        """The options with which `fit` gives these weights again, bit for bit on the same machine and software.

        None where a clock ended the training: its schedule went by the time, which nobody can repeat.
        """
        budget = self.budget
        if budget["seconds"] is not None:
            return None
        stop = f" --stop-at {budget['stopped_at']}" if budget["stopped_at"] < budget["steps"] else ""
        return f"--seed {budget['seed']} --steps {budget['steps']}{stop}"


_NUMBERS = {...: float}
FORM = {
    "recipe": str,
    "model": str,
    "config": dict,
    "metrics": _NUMBERS,
    "intervals": {...: {"low": float, "high": float, "n": int}},
    "validation": _NUMBERS,
    "budget": {
        "steps": int, "batch_size": int, "lr": float, "seed": int, "seconds": (float, None), "stopped_at": int,
        "best_at": int,
    },
    "data": {
        "title": str, "address": str, "licence": str, "split": str, "note": str, "n_train": int, "n_valid": int,
        "n_test": int,
    },
    "provenance": {"made": str, "device": str, "torch": str, "seconds": float},
    "parameters": int,
    "bytes": int,
    "weights_sha256": str,
    "evidence_sha256": (str, None),
    "seeds": {...: _NUMBERS},
}  # fmt: skip
"""What a card must hold for everybody who reads it (see `misfit`); it may hold more."""


def read_card(facts: object, name: str) -> Card:
    """The card of checkpoint `name`, given what stands in its file; CheckpointDamaged where that has another form."""
    if isinstance(facts, dict):
        facts = {"evidence_sha256": None, "seeds": {}} | facts
    if wrong := misfit(facts, FORM, "card"):
        raise CheckpointDamaged(damaged(name, f"its card cannot be read ({wrong})"))
    assert isinstance(facts, dict)
    known = {key: facts[key] for key in (f.name for f in fields(Card))}
    known |= {key: Measured(facts[key]) for key in ("metrics", "validation")}
    known |= {"seeds": {seed: Measured(metrics) for seed, metrics in facts["seeds"].items()}}
    return Card(**known)


def damaged(name: str, why: str) -> str:
    """What is told of a damaged checkpoint to whoever keeps the server."""
    return (
        f"Checkpoint “{name}” is damaged: {why}. Restore it (git checkout checkpoints/{name}) "
        f"or make it again: python -m training fit {name} --replace"
    )
