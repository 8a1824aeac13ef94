"""What every recipe that tells praise from blame shares: the step by length, the measures, the evidence.

The arrays are `(id_BT, length_B, label_B)` of `training.data.imdb.splits`.
"""

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from metrics.classification import binary, confusion
from metrics.intervals import Interval, wilson
from models.sentiment import Sentiment
from signals.behaviour import cases
from signals.text import PADDING, UNKNOWN, batch, words
from training._recipe import Arrays, Metrics, Optimizers, Splits, accuracy_on
from training._steps import fast

ACCURACY = accuracy_on("reviews", classes=2)
TOGETHER = 128
"""Texts an update."""
LAST = (1, 2, 3, 5, 8, 12, 20, 32, 50, 80, 128, 200, 300, 400)
"""How many of the last words are read."""
LAST_TEXTS, GRADIENT_TEXTS = 5_000, 500
"""Of test, on how many that is measured, and the gradients."""


def step(
    model: Any,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    radius: float = 0.0,
    unknown: float = 0.0,
) -> dict[str, Tensor]:
    """An update for every 128 texts of the batch, those of like length together, so that little is padding.

    A share `unknown` of all words is struck out. With `radius` the net must also be right where each text's vectors
    are moved so far, all together, the way that raises the loss fastest (Miyato et al. 2017, equation 4).
    """
    losses = []
    parts = list(by_length(batch))
    for i in torch.randperm(len(parts), generator=generator).tolist():
        id_BT, length_B, label_B = parts[i]
        if unknown:
            struck_BT = torch.rand(id_BT.shape, generator=generator) < unknown
            id_BT = id_BT.masked_fill(struck_BT & (id_BT != PADDING), UNKNOWN)
        with torch.enable_grad():
            found = _gradients(model, optimizers["model"], (id_BT, length_B, label_B), radius)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizers["model"].step()
        losses.append(found)
    return {name: torch.stack([each[name] for each in losses]).mean() for name in losses[0]}


def _gradients(model: Any, optimizer: torch.optim.Optimizer, part: Arrays, radius: float) -> dict[str, Tensor]:
    """The losses of one part, and the gradients of their sum in the parameters: two passes where there is a radius."""
    id_BT, length_B, praise_B = part[0], part[1], part[2].float()
    optimizer.zero_grad(set_to_none=True)
    drawn_BTD = model.embed(id_BT)
    x_BTD = drawn_BTD.detach().requires_grad_()

    def backward(moved_BTD: Tensor) -> Tensor:
        logit_B = fast(lambda x: model.read(x, length_B), moved_BTD)
        loss = F.binary_cross_entropy_with_logits(logit_B, praise_B)
        loss.backward()
        return loss.detach()

    found = {"cross-entropy": backward(x_BTD)}
    assert x_BTD.grad is not None
    if radius:
        move_BTD = radius * F.normalize(x_BTD.grad.flatten(1), dim=1).view_as(x_BTD)
        found["moved"] = backward(x_BTD + move_BTD)
    if drawn_BTD.requires_grad:
        drawn_BTD.backward(x_BTD.grad)
    return found


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


# What ships beside the weights


def evidence(model: Sentiment, splits: Splits) -> dict[str, Tensor]:
    """Of test: `praise` (a probability, half precision), `label`, `length`, `(N,)` each.

    Accuracy of `LAST_TEXTS` where only the last `k` words are read, `k` and `accuracy_last_k`, `(K,)` each; how much an
    answer changes with a word so far from the end, `distance` and `gradient`, `(K,)` each (see `gradient_by_distance`);
    the probabilities of all `signals.behaviour.cases`, `case` `(200, 2)`; where states are drawn, `plane_mean` `(H,)`
    and `plane_axes` `(H, 2)` (see `plane_of_answers`).
    """
    id_BT, length_B, label_B = splits.test
    k, few = [k for k in LAST if k <= id_BT.shape[1]], [t[:LAST_TEXTS] for t in splits.test]
    accuracy_K = torch.tensor([_accuracy(logits(model, *last(k_, *few[:2])), few[2]) for k_ in k])
    distance_K, gradient_K = gradient_by_distance(model, id_BT, length_B)
    return {
        "praise": logits(model, id_BT, length_B).sigmoid().half(), "label": label_B.to(torch.uint8),
        "length": length_B.to(torch.int16), "k": torch.tensor(k, dtype=torch.int16), "accuracy_last_k": accuracy_K,
        "distance": distance_K, "gradient": gradient_K, "case": on_cases(model),
        **plane_of_answers(model, splits.valid),
    }  # fmt: skip


def last(k: int, id_BT: Tensor, length_B: Tensor) -> tuple[Tensor, Tensor]:
    """The last `k` words of each text alone, `(B, k)`, and how many there are."""
    n_B = length_B.clamp(max=k)
    place_Bk = (length_B - n_B).unsqueeze(1) + torch.arange(k)
    taken_Bk = id_BT.gather(1, place_Bk.clamp(max=id_BT.shape[1] - 1))
    return taken_Bk.masked_fill(torch.arange(k) >= n_B.unsqueeze(1), PADDING), n_B


def gradient_by_distance(model: Sentiment, id_BT: Tensor, length_B: Tensor) -> tuple[Tensor, Tensor]:
    """How far from the end a word stands, 0 the last, and the median over texts of its `gradient_sizes`, `(K,)` each.

    Over the texts that fill all T places, so that each distance is measured on the same ones; nothing where there are
    none.
    """
    whole = (length_B == id_BT.shape[1]).nonzero().squeeze(1)[:GRADIENT_TEXTS]
    if not len(whole):
        return torch.zeros(0, dtype=torch.int16), torch.zeros(0)
    parts = zip(id_BT[whole].split(100), length_B[whole].split(100), strict=True)
    median_T = torch.cat([gradient_sizes(model, *part) for part in parts]).median(0).values
    distance_K = torch.tensor([k - 1 for k in LAST if k <= id_BT.shape[1]])
    return distance_K.to(torch.int16), median_T.flip(0)[distance_K]


def gradient_sizes(model: Sentiment, id_BT: Tensor, length_B: Tensor) -> Tensor:
    """‖∂ logit / ∂ vector‖ of every word, `(B, T)`."""
    with torch.enable_grad():
        x_BTD = model.embed(id_BT).detach().requires_grad_()
        (found_BTD,) = torch.autograd.grad(model.read(x_BTD, length_B).sum(), x_BTD)
    return found_BTD.norm(dim=2)


def on_cases(model: Sentiment) -> Tensor:
    """The probability of praise of each case's text and of what it is read beside, `(200, 2)` half precision."""
    ids = [model.vocabulary.ids(words(text)) for case in cases() for text in (case.text, case.beside)]
    return logits(model, *batch(ids)).sigmoid().view(-1, 2).half()


@torch.no_grad()
def plane_of_answers(model: Sentiment, split: Arrays) -> dict[str, Tensor]:
    """Where a text's pooled state is drawn: across, the direction that the answer is read along; up, the one in which
    the states of whole texts spread most beside it. `plane_mean` `(H,)` and `plane_axes` `(H, 2)`.
    """
    state_BH = torch.cat(
        [model.pooled(model.states(model.embed(ids), n), n) for ids, n, _ in by_length(split, together=256)]
    )
    along_H = F.normalize(model.head.weight[0], dim=0)
    rest_BH = state_BH - state_BH.mean(0)
    rest_BH = rest_BH - (rest_BH @ along_H).outer(along_H)
    _, _, up_KH = torch.linalg.svd(rest_BH, full_matrices=False)
    return {"plane_mean": state_BH.mean(0), "plane_axes": torch.stack([along_H, up_KH[0]], dim=1)}


def _accuracy(logit_B: Tensor, label_B: Tensor) -> float:
    return ((logit_B > 0) == (label_B == 1)).double().mean().item()
