"""How odd payments are to an autoencoder that knows normal ones, and what the measured nets came to."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from demos._ui.nets import Net, active
from metrics.detection import average_precision
from models import Card, _checkpoint
from models.autoencoder import Autoencoder
from signals.payments import Payments, read
from training import Recipe, Run
from training.data import creditcard, samples
from training.recipes import (
    fraud_deep,
    fraud_denoising,
    fraud_mixed_1,
    fraud_mixed_2,
    fraud_mixed_3,
    fraud_mixed_5,
    fraud_mixed_half,
    fraud_plain,
    fraud_random,
    fraud_sparse,
)
from training.tasks.fraud import DAY, best_f1, evidence, scores

NETS: dict[str, Recipe[Autoencoder]] = {
    "Denoising": fraud_denoising.recipe,
    "Deep": fraud_deep.recipe,
    "Plain": fraud_plain.recipe,
    "Sparse": fraud_sparse.recipe,
}
WHITENED, PLAIN = SCORES = ("Whitened residual", "Plain squared error")
MIXED: dict[float, Recipe[Autoencoder]] = {
    0.0: fraud_denoising.recipe, 0.5: fraud_mixed_half.recipe, 1.0: fraud_mixed_1.recipe,
    2.0: fraud_mixed_2.recipe, 3.0: fraud_mixed_3.recipe, 5.0: fraud_mixed_5.recipe,
}  # fmt: skip
"""Per cent of frauds among what was taken for normal."""
BY_TIME, AT_RANDOM = fraud_denoising.recipe, fraud_random.recipe


@dataclass(frozen=True)
class Judged:
    """Test payments in their order in time, as a net and a way to score see them.

    `z_BD` are their numbers in deviations of normal ones, `normal_KD` some normal payments of training likewise;
    `euro_B` and `hour_B`; a fraud stands for `fraud_weight` real payments, a normal one for `normal_weight`, and all of
    them for `days`. An alarm from `valid_threshold` on was best on validation, from `test_threshold` on best on test.
    """

    model: Autoencoder
    score_B: Tensor
    fraud_B: Tensor
    hour_B: Tensor
    euro_B: Tensor
    z_BD: Tensor
    normal_KD: Tensor
    residual_mean_D: Tensor
    precision_DD: Tensor
    valid_threshold: float
    test_threshold: float
    fraud_weight: float
    normal_weight: float
    days: float


class Scored(NamedTuple):
    """A visitor's own payments: their scores, the threshold, and the area where the truth is known."""

    payments: Payments
    score_B: Tensor
    threshold: float
    auprc: float | None


@torch.no_grad()
def judge(net: Net[Autoencoder], how: str) -> Judged:
    """The test payments by this net, scored in one of `SCORES`."""
    facts, model = rows_of(net), net.model
    fraud_B = facts["label"] == 1
    whitened = how == WHITENED
    score_B = facts["score"] if whitened else facts["plain_score"]
    seconds_B, weight_B = facts["seconds"], facts["weight"]
    return Judged(
        model=model,
        score_B=score_B,
        fraud_B=fraud_B,
        hour_B=seconds_B / 3600,
        euro_B=facts["x"][:, -1],
        z_BD=model.standardised(facts["x"]),
        normal_KD=model.standardised(facts["normal"]),
        residual_mean_D=model.residual_mean if whitened else torch.zeros(model.features),
        precision_DD=model.precision() if whitened else torch.eye(model.features),
        valid_threshold=threshold(net, how),
        test_threshold=best_f1(score_B, fraud_B).score,
        fraud_weight=_of(weight_B, fraud_B),
        normal_weight=_of(weight_B, ~fraud_B),
        days=(seconds_B.max() - seconds_B.min()).item() / DAY,
    )


def _of(weight_B: Tensor, kind_B: Tensor) -> float:
    return weight_B[kind_B].mean().item() if kind_B.any() else 1.0


def rows_of(net: Net[Autoencoder]) -> dict[str, Tensor]:
    """The net's evidence, with the test payments themselves: every shipped net has the same, and one keeps them."""
    if "x" in net.evidence:
        return net.evidence
    kept = Net.pretrained(fraud_denoising.recipe).evidence
    return net.evidence | {"x": kept["x"], "normal": kept["normal"]}


def threshold(net: Net[Autoencoder], how: str = WHITENED) -> float:
    """The score with the best F1 on validation, which is where the choice belongs."""
    facts = net.evidence
    key = "valid_score" if how == WHITENED else "valid_plain_score"
    return best_f1(facts[key], facts["valid_label"] == 1).score


def net_with_rows(run: Run[Autoencoder]) -> Net[Autoencoder]:
    """The best net of a visitor's run, with the test payments that it was measured on."""
    model = run.best_model()
    return Net.from_run(run, evidence(model, run.splits, rows=True))


def scored(own: Net[Any] | None, name: str, payments: Payments) -> Scored:
    """A visitor's own payments by the chosen net."""
    net = active(NETS[name], own)
    score_B = scores(net.model, payments.x_BD)
    label_B = payments.label_B
    both = label_B is not None and 0 < int(label_B.sum()) < len(label_B)
    auprc = average_precision(score_B, label_B == 1) if both and label_B is not None else None
    return Scored(payments, score_B, threshold(net), auprc)


def shipped_payments() -> Payments:
    """The payments of the samples, as a visitor would bring them."""
    with samples():
        return read(creditcard.path())


def cards() -> dict[float, Card]:
    """What was measured with so many per cent of frauds among the training payments; missing nets are left out."""
    found = {share: _card(recipe) for share, recipe in MIXED.items()}
    return {share: card for share, card in found.items() if card is not None}


def by_split() -> dict[str, Card]:
    """The same net by the two ways to split."""
    found = {"by time": _card(BY_TIME), "at random": _card(AT_RANDOM)}
    return {name: card for name, card in found.items() if card is not None}


def _card(recipe: Recipe[Any]) -> Card | None:
    try:
        return _checkpoint.card(recipe.name)
    except _checkpoint.CheckpointMissing:
        return None


def as_bytes(*tensors: Tensor) -> bytes:
    """Numbers one tensor after another, as 32-bit floats, little-endian."""
    return b"".join(np.ascontiguousarray(t.numpy(), dtype="<f4").tobytes() for t in tensors)
