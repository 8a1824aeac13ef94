"""What every recipe that names what a volume shows shares: `classification`'s parts, on voxels.

The arrays are `(x_B1DHW uint8, label_B, unit_B, weight_B)`, as there; a unit is a volume, since MedMNIST's files do not
tell whose it is.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from metrics.intervals import Interval
from models.volume import pooled
from signals.image import to_unit
from signals.volume import ROTATIONS, rotate, same_size
from training._augment import mirrored, shifted
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits
from training.tasks import classification

SHIFT = 1 / 16
"""Of its edge, by how much a training volume may be shifted."""
BATCH = 32
"""Volumes asked at once: of 64³ voxels each is a megabyte, and its channels are several."""


def in_right_order(auc: float) -> str:
    """The area under the ROC curve in words."""
    return f"{100 * auc:.0f} of 100 pairs of glands in the right order"


AUC = Metric(
    key="auc",
    title="AUC",
    words=in_right_order,
    chance="guessing: 50; by shape alone: {}",
    floor="logistic regression on shape measures",
)


def step(
    model: Any,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    smoothing: float = 0.05,
) -> dict[str, Tensor]:
    """`classification.step` on volumes pooled to the net's edge, then mirrored and shifted at random."""

    def augment(x_B1DHW: Tensor, generator: torch.Generator) -> Tensor:
        x_B1DHW = mirrored(pooled(x_B1DHW, model.edge), generator)
        x_B1DHW = shifted(x_B1DHW, generator, shift=round(SHIFT * model.edge))
        # One channel lies alike in both orders of memory: called the last, all later ones follow, a fifth faster.
        return x_B1DHW.as_strided(x_B1DHW.shape, (x_B1DHW.stride(0), 1, *x_B1DHW.stride()[2:]))

    return classification.step(model, batch, optimizers, generator, augment=augment, smoothing=smoothing)


def undo_weights(model: Any, splits: Splits) -> None:
    """Give the head the classes' shares in training back, which their weights had made equal, in place.

    A net that learnt with weights in inverse proportion believes all classes equally frequent. The logarithm of each
    class's share, added to its logit, is Bayes' remedy (Saerens et al. 2002): its probabilities then mean what they
    say, and no class's own scores change their order.
    """
    count_C = splits.train[1].bincount(minlength=model.classes).clamp(min=1).float()
    with torch.no_grad():
        model.head.bias += (count_C / count_C.sum()).log()


def predict_logits(model: nn.Module, x_B1DHW: Tensor) -> Tensor:
    """Logits `(B, C)` of 8-bit volumes."""
    return classification.predict_logits(model, x_B1DHW, batch=BATCH)


def evaluate(model: nn.Module, split: Arrays, *, classes: Sequence[str]) -> Metrics:
    """`classification.metrics_of_logits` of a model on a split."""
    return classification.metrics_of_logits(predict_logits(model, split[0]), split[1], classes)


def intervals(model: nn.Module, split: Arrays, *, classes: Sequence[str]) -> dict[str, Interval]:
    """95 % intervals of macro-F1, accuracy and AUC when volumes are drawn again."""
    return classification.bootstrap_intervals(predict_logits(model, split[0]), split[1], split[2], classes)


def evidence(
    model: Any, splits: Splits, *, classes: Sequence[str], layers: Callable[[Any], list[str]], probes: bool = False
) -> dict[str, Tensor]:
    """`classification.evidence`; with `probes` also what a mask's size and its lie have to do with the answer.

    These are `train_voxels`, `train_label`, `valid_voxels`, `test_voxels` `(B,)`, how much of each volume is inside;
    and the last class's calibrated probability on test: `p_rotated` `(B, 24)` in the order of
    `signals.volume.ROTATIONS`, the first as it lies, and `p_same_size` `(B,)`, all scaled to `same_size_voxels` `()`,
    the median of training.
    """
    found = classification.evidence(model, splits, classes=classes, layers=layers)
    if not probes:
        return found
    asked = partial(last_class, model, temperature=found["temperature"])
    voxels = {f"{name}_voxels": sizes(arrays[0]) for name, arrays in splits._asdict().items()}
    wanted = voxels["train_voxels"].float().median()
    return (
        found
        | voxels
        | {
            "train_label": splits.train[1].byte(),
            "p_rotated": rotated(asked, splits.test[0]),
            "p_same_size": asked(same_size_bytes(splits.test[0], wanted.item())),
            "same_size_voxels": wanted,
        }
    )


def answers(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """The least of `evidence`: `temperature` `()`, and on test calibrated `p` `(B, C)` and `label` `(B,)`."""
    degree = classification.temperature(predict_logits(model, splits.valid[0]), splits.valid[1])
    p_BC = (predict_logits(model, splits.test[0]) / degree).softmax(1)
    return {"temperature": torch.tensor(degree), "p": p_BC, "label": splits.test[1]}


def sizes(x_B1DHW: Tensor) -> Tensor:
    """How many voxels of each 8-bit volume are inside, above half: `(B,)` int32."""
    return (x_B1DHW > 127).flatten(1).sum(1).int()


@torch.no_grad()
def last_class(model: nn.Module, x_B1DHW: Tensor, *, temperature: Tensor) -> Tensor:
    """The calibrated probability of the last class for 8-bit volumes, `(B,)`."""
    return (predict_logits(model, x_B1DHW) / temperature).softmax(1)[:, -1]


def rotated(asked: Callable[[Tensor], Tensor], x_B1DHW: Tensor) -> Tensor:
    """`(B, 24)`: what `asked` says of cubes in each of a cube's rotations."""
    return torch.stack([asked(rotate(x_B1DHW, i)) for i in range(len(ROTATIONS))], 1)


def same_size_bytes(x_B1DHW: Tensor, voxels: float) -> Tensor:
    """8-bit masks scaled to one volume by `signals.volume.same_size`, 8-bit again."""
    parts = [same_size(to_unit(part), voxels) for part in x_B1DHW.split(BATCH)]
    return (255 * torch.cat(parts)).round().byte()
