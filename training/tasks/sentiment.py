"""What every recipe that tells praise from blame shares: the step by length, the measures, the evidence.

The arrays are `(id_BT, length_B, label_B)` of `training.data.imdb.splits`.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from metrics.classification import binary, confusion
from metrics.intervals import Interval, wilson
from training._recipe import Arrays, Metrics, Optimizers, accuracy_on
from training._steps import fast, update

ACCURACY = accuracy_on("reviews", classes=2)
TOGETHER = 128
"""Texts an update."""


def step(model: nn.Module, batch: Arrays, optimizers: Optimizers, generator: torch.Generator) -> dict[str, Tensor]:
    """An update for every 128 texts of the batch, those of like length together, so that little is padding."""
    losses = []
    parts = list(by_length(batch))
    for i in torch.randperm(len(parts), generator=generator).tolist():
        id_BT, length_B, label_B = parts[i]
        with torch.enable_grad():
            logit_B = fast(lambda x, n=length_B: model(x, n), id_BT)
            loss = F.binary_cross_entropy_with_logits(logit_B, label_B.float())
            update(optimizers["model"], loss, clip=1.0)
        losses.append(loss.detach())
    return {"cross-entropy": torch.stack(losses).mean()}


def by_length(batch: Arrays, together: int = TOGETHER) -> Iterator[Arrays]:
    """Parts of like length, each as wide as its longest text."""
    for index in batch[1].argsort(stable=True).split(together):
        id_BT, length_B, label_B = (t[index] for t in batch)
        yield id_BT[:, : max(1, int(length_B.max()))], length_B, label_B


@torch.no_grad()
def logits(model: nn.Module, id_BT: Tensor, length_B: Tensor) -> Tensor:
    """Of each text, `(B,)`, in float32."""
    order = length_B.argsort(stable=True)
    parts = by_length((id_BT, length_B, length_B), together=256)
    return torch.empty(len(order)).index_copy(0, order, torch.cat([model(ids, n) for ids, n, _ in parts]))


def evaluate(model: nn.Module, split: Arrays) -> Metrics:
    """`accuracy`; `precision`, `recall` and `f1` of praise; `cross_entropy`."""
    logit_B, label_B = logits(model, *split[:2]), split[2]
    said_B = (logit_B > 0).long()
    return {
        "accuracy": (said_B == label_B).double().mean().item(),
        **binary(confusion(said_B, label_B, 2)),
        "cross_entropy": F.binary_cross_entropy_with_logits(logit_B, label_B.float()).item(),
    }


def intervals(model: nn.Module, split: Arrays) -> dict[str, Interval]:
    """Of the accuracy, by Wilson over texts."""
    right_B = (logits(model, *split[:2]) > 0) == (split[2] == 1)
    return {"accuracy": wilson(right_B.double().mean().item(), len(right_B))}
