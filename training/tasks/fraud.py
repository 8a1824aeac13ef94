"""What every recipe that knows normal payments shares: the step, the measures by threshold and cost, the evidence.

The arrays are `(x_BD, label_B, seconds_B, weight_B)` of `training.data.creditcard.Table`; a higher score is odder.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from metrics.detection import auc, average_precision, precision_recall_curve
from metrics.intervals import Interval, by_kind
from models.autoencoder import Autoencoder
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits
from training._steps import update

ALARMS_A_DAY = 100
"""What a small team can look into."""
NEIGHBOURS = 1_000
"""Normal training payments that are kept, for the nearest of them to be shown beside an odd one."""
DAY = 24 * 3600


def _said(value: float) -> str:
    return f"{100 * value:.0f} of 100 points for putting frauds first"


AUPRC = Metric(
    key="auprc", title="area under precision-recall", words=_said, chance="a random order: {}", floor="a random order",
)  # fmt: skip


class Threshold(NamedTuple):
    """A score from which on there is an alarm, and what that gives on the rows by which it was chosen."""

    score: float
    f1: float


class Alarms(NamedTuple):
    """What comes of so many alarms a day: the share of them that are frauds, and the share of frauds among them."""

    precision: float
    recall: float


def step(
    model: Autoencoder,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    noise: float = 0.0,
    sparsity: float = 0.0,
) -> dict[str, Tensor]:
    """One update on the squared `residual`: of rows that `noise` deviations of Gaussian noise were added to (Vincent et
    al. 2008), plus `sparsity` times the L1 norm of the code (Ng 2011).
    """
    z_BD = model.standardised(batch[0])
    noisy_BD = z_BD + noise * torch.empty_like(z_BD).normal_(generator=generator) if noise else z_BD
    with torch.enable_grad():
        code_BC = model.encoder(noisy_BD)
        residual = (z_BD - model.decoder(code_BC)).square().sum(1).mean()
        penalty = sparsity * code_BC.abs().sum(1).mean()
        update(optimizers["model"], residual + penalty)
    model.learn_residual(z_BD)
    return {"residual": residual}


def scale(model: Autoencoder, splits: Splits) -> None:
    """The scale of the training rows alone."""
    model.learn_scale(splits.train[0])


def settle(model: Autoencoder, splits: Splits) -> None:
    """The spread of the finished net's residuals, over all training rows."""
    model.learn_residual(model.standardised(splits.train[0]), momentum=1.0)


@torch.no_grad()
def scores(model: Autoencoder, x_BD: Tensor) -> Tensor:
    """How odd each row is, `(B,)`."""
    return torch.cat([model(part) for part in x_BD.split(20_000)])


def evaluate(model: Autoencoder, split: Arrays) -> Metrics:
    """`auprc`, that of the plain squared error, `auroc`, and what 100 alarms a day give at the true base rate."""
    x_BD, label_B = split[:2]
    score_B, fraud_B = scores(model, x_BD), label_B == 1
    with torch.no_grad():
        plain_B = model.squared_error(x_BD)
    alarms = at_most(ALARMS_A_DAY, score_B, split)
    return {
        "auprc": average_precision(score_B, fraud_B),
        "auprc_plain": average_precision(plain_B, fraud_B),
        "auroc": auc(score_B, fraud_B),
        "precision_100_alarms": alarms.precision,
        "recall_100_alarms": alarms.recall,
    }


def intervals(model: Autoencoder, split: Arrays) -> dict[str, Interval]:
    """Of the area, by bootstrap over rows, frauds and normal ones each by themselves."""
    score_B, fraud_B = scores(model, split[0]), split[1] == 1
    return {"auprc": by_kind(score_B, fraud_B, average_precision)}


def best_f1(score_B: Tensor, fraud_B: Tensor) -> Threshold:
    """The threshold with the best F1 of frauds, on these rows."""
    curve = precision_recall_curve(score_B, fraud_B)
    f1_K = 2 * curve.precision_K * curve.recall_K / (curve.precision_K + curve.recall_K).clamp(min=1e-12)
    best = int(f1_K.argmax())
    ranked_B = score_B.double().unique().flip(0)
    return Threshold(ranked_B[best].item(), f1_K[best].item())


def f1_at(threshold: float, score_B: Tensor, fraud_B: Tensor) -> float:
    """F1 of frauds where there is an alarm from `threshold` on."""
    alarm_B = score_B >= threshold
    right = int((alarm_B & fraud_B).sum())
    return 2 * right / max(1, int(alarm_B.sum()) + int(fraud_B.sum()))


def at_most(alarms_a_day: float, score_B: Tensor, split: Arrays) -> Alarms:
    """What is found by the odd end of the scores, as far as there are so many real alarms a day (0: none)."""
    _, label_B, seconds_B, weight_B = split
    days = (seconds_B.max() - seconds_B.min()).item() / DAY
    order = score_B.argsort(descending=True, stable=True)
    raised_B = weight_B[order].double().cumsum(0)
    caught_B = (weight_B[order] * (label_B[order] == 1)).double().cumsum(0)
    n = int((raised_B <= alarms_a_day * days).sum())
    frauds = caught_B[-1].item()
    if n == 0 or frauds == 0:
        return Alarms(0.0, 0.0)
    return Alarms((caught_B[n - 1] / raised_B[n - 1]).item(), caught_B[n - 1].item() / frauds)


def evidence(model: Autoencoder, splits: Splits, *, rows: bool = False) -> dict[str, Tensor]:
    """Scores, the odder the higher: of test `score`, `plain_score`, `label`, `seconds`, `weight`, `(N,)` each, and the
    same of validation with `valid_` in front.

    With `rows` also the test rows themselves, `x` `(N, D)`, and some normal ones of training, `normal` `(K, D)`.
    """
    found: dict[str, Tensor] = {}
    for name, split in (("valid_", splits.valid), ("", splits.test)):
        with torch.no_grad():
            plain_B = model.squared_error(split[0])
        values = (scores(model, split[0]), plain_B, split[1].to(torch.uint8), *split[2:])
        keys = ("score", "plain_score", "label", "seconds", "weight")
        found |= {f"{name}{key}": t for key, t in zip(keys, values, strict=True)}
    if rows:
        x_BD, label_B = splits.train[:2]
        normal_BD = x_BD[label_B == 0]
        drawn = torch.randperm(len(normal_BD), generator=torch.Generator().manual_seed(0))[:NEIGHBOURS]
        found |= {"x": splits.test[0], "normal": normal_BD[drawn]}
    return found
