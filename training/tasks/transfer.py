"""What every net that names groceries shares: the augmented step, answers over mirror images, and the evidence.

The arrays are `(x_B3HW uint8, label_B, product_B, weight_B)`. Suffixes: L depths of a trunk, K stops of the curve.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explanation.novelty import directions, neighbour_distances
from explanation.projection import tsne
from metrics.classification import accuracy, confusion, f1, reliability
from metrics.intervals import Interval, by_unit
from models import published, ridge
from models.ridge import Ridge
from models.transfer import TransferNet, pooled_by_depth
from signals.colours import histogram
from signals.image import to_unit
from training._augment import affine, colour, mirror
from training._recipe import Arrays, Budget, Metrics, Optimizers, Splits, accuracy_on
from training._steps import bfloat16_is_fast, uniform
from training.data import grocery, imagenet
from training.tasks import classification

ACCURACY = accuracy_on("pictures", classes=len(grocery.CLASSES))
PASSING = 0.98
"""Of validation's pictures, how many are taken for groceries."""
LAST_STAGE_SHARE = 0.1
"""Of the head's learning rate, what the last stage learns at."""
COUNTS, DRAWS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50), 5
"""Pictures of a class at which the curve stops, and how often they are drawn."""
WORST, WORST_SHOWN, WORST_SIDE = 24, 8, 96
"""Test pictures that are named as the worst; so many of them are kept, so many pixels wide: the licence allows it."""


def augment(x_B3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures `(B, 3, H, W)` mirrored, turned by up to 27°, nearer or farther, in another light."""
    flipped_B = uniform(generator, 0, 1, len(x_B3HW), 1, 1, 1) < 0.5
    never = torch.zeros_like(flipped_B)
    x_B3HW = affine(mirror(x_B3HW, flipped_B, never, never), generator, turn=0.15, zoom=0.25, shift=0.15)
    return colour(x_B3HW, generator, brightness=0.2, contrast=0.2, saturation=0.2, cast=0.05)


def start(model: TransferNet, splits: Splits) -> None:
    """The published trunk, and the head that closed form finds on it: “head first”, in place."""
    model.adopt(imagenet.weights(model.name))
    train_ND, valid_BD = (features(model, arrays[0], model.layers()[-1:])[-1] for arrays in splits[:2])
    head = chosen(train_ND, splits.train[1], valid_BD, splits.valid[1], model.classes)
    model.put(head, scale=1 / classification.temperature(head.scores(valid_BD), splits.valid[1]))


def chosen(train_ND: Tensor, label_N: Tensor, valid_BD: Tensor, label_B: Tensor, classes: int) -> Ridge:
    """The ridge head whose penalty is right most often on validation.

    Leaving single training pictures out would choose too small a one: they are easier to tell by one another than
    validation's are (with that choice .984 against .865 of SqueezeNet 1.1).
    """

    def rank(head: Ridge) -> tuple[float, float]:
        score_BC = head.scores(valid_BD)
        gap = (score_BC - F.one_hot(label_B, classes)).square().sum().item()
        return -accuracy(score_BC.argmax(1), label_B), gap

    return min(ridge.path(train_ND, label_N, classes), key=rank)


def optimizers(model: TransferNet, budget: Budget) -> Optimizers:
    """AdamW; the head at the budget's rate, the last stage at a tenth of it."""
    stage = [p for p in model.trunk.parameters() if p.requires_grad]
    groups = [
        {"params": list(model.head.parameters()), "lr": budget.lr},
        {"params": stage, "lr": LAST_STAGE_SHARE * budget.lr},
    ]
    return {"model": torch.optim.AdamW(groups, lr=budget.lr, betas=(0.9, 0.99), weight_decay=0.02)}


def step(model: nn.Module, batch: Arrays, optimizers: Optimizers, generator: torch.Generator) -> dict[str, Tensor]:
    """One update on the weighted `cross_entropy` of augmented pictures (`classification.step`)."""
    return classification.step(model, batch, optimizers, generator, augment=augment, smoothing=0.1)


@torch.no_grad()
def predict_logits(model: nn.Module, x_B3HW: Tensor, *, batch: int = 32) -> Tensor:
    """Logits `(B, C)` of 8-bit pictures: the mean over each and its mirror image."""
    parts = (to_unit(part).contiguous(memory_format=torch.channels_last) for part in x_B3HW.split(batch))
    return torch.cat([(model(part).float() + model(part.flip(3)).float()) / 2 for part in parts])


def evaluate(model: nn.Module, split: Arrays) -> Metrics:
    """Accuracy, macro-F1, AUC and F1 class by class."""
    return classification.metrics_of_logits(predict_logits(model, split[0]), split[1], grocery.CLASSES)


def intervals(model: nn.Module, split: Arrays) -> dict[str, Interval]:
    """95 % intervals of accuracy and macro-F1 when products are drawn again: pictures of one are alike."""
    return by_product(predict_logits(model, split[0]).argmax(1), split)


def by_product(predicted_B: Tensor, split: Arrays, *, rounds: int = 1000) -> dict[str, Interval]:
    """The bootstrap behind `intervals`; macro-F1 is over the classes of which a product was drawn."""
    label_B = split[1]

    def measured(index: Tensor) -> dict[str, float]:
        counts_CC = confusion(predicted_B[index], label_B[index], len(grocery.CLASSES))
        met_C = counts_CC.sum(1) > 0
        return {
            "accuracy": accuracy(predicted_B[index], label_B[index]),
            "macro_f1": f1(counts_CC)[met_C].mean().item(),
        }

    return by_unit(split[2], measured, rounds=rounds)


def evidence(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """What the tab shows of the test set when it is not there; of a `TransferNet`, the linear head's part besides.

    Of each test picture `p` `(B, C)`, calibrated on validation, `label` and `product` `(B,)`; `temperature` `()`;
    `valid_p` and `valid_label`, by which a mean of several nets is chosen;
    `confusion` `(C, C)`; `reliability` `(10, 3)`; `worst`, the pictures whose truth was least believed, the first of
    which are kept in small as `worst_pictures` `(W, 3, S, S)` uint8, and `pairs`, rows of truth, answer and how often,
    the most frequent first; `train_counts` `(C,)`. See `linear_evidence` and, of a net without backbone,
    `colour_evidence`.
    """
    valid_BC = predict_logits(model, splits.valid[0])
    degree = classification.temperature(valid_BC, splits.valid[1])
    found = answers((predict_logits(model, splits.test[0]) / degree).softmax(1), splits.test)
    found |= {
        "temperature": torch.tensor(degree),
        "valid_p": (valid_BC / degree).softmax(1),
        "valid_label": splits.valid[1],
        "train_counts": splits.train[1].bincount(minlength=len(grocery.CLASSES)),
    }
    worst_W3SS = to_unit(splits.test[0][found["worst"][:WORST_SHOWN]])
    small_W3SS = F.interpolate(worst_W3SS, (WORST_SIDE, WORST_SIDE), mode="bilinear", antialias=True)
    found["worst_pictures"] = (255 * small_W3SS).round().clamp(0, 255).byte()
    if isinstance(model, TransferNet):
        return found | linear_evidence(model, splits)
    return found | colour_evidence(model, splits)


def answers(p_BC: Tensor, split: Arrays) -> dict[str, Tensor]:
    """What is told of a net's answers on a split, given as probabilities."""
    label_B, (sure_B, predicted_B) = split[1], p_BC.max(1)
    truth_B = p_BC.gather(1, label_B[:, None])[:, 0]
    return {
        "p": p_BC,
        "label": label_B,
        "product": split[2],
        "confusion": (counts_CC := confusion(predicted_B, label_B, p_BC.shape[1])),
        "reliability": reliability(sure_B, predicted_B == label_B),
        "worst": truth_B.argsort()[:WORST],
        "pairs": mistaken_pairs(counts_CC),
    }


def mistaken_pairs(confusion_CC: Tensor) -> Tensor:
    """`(P, 3)`: truth, answer, how often, of every pair that was mistaken; the most frequent first."""
    wrong_CC = confusion_CC - confusion_CC.diag().diag()
    where_P2 = wrong_CC.nonzero()
    rows_P3 = torch.cat([where_P2, wrong_CC[wrong_CC > 0][:, None]], 1)
    return rows_P3[rows_P3[:, 2].argsort(descending=True, stable=True)]


def linear_evidence(model: TransferNet, splits: Splits) -> dict[str, Tensor]:
    """The linear head on the published trunk, and what it takes to solve others without data.

    `linear_weight` `(D, C)` and `linear_bias` `(C,)`; `linear_p` of test and `linear_valid_p` `(B, C)`;
    `train_features` and `test_features` `(N, D)`, half precision, with `train_label`; `depth_accuracy` `(L, 2)`, of
    heads on each depth's features: left one out, on validation; `curve_counts` `(K,)` and `curve_linear` `(K, draws)`,
    accuracy on test of heads on so many pictures of each class. `familiar_threshold` `()` lets `PASSING` of
    validation's pictures pass by `neighbour_distances` to `train_features`, and `familiar_mistaken` `()` is the share
    of test's that it does not. `map` `(N, 2)` lays training pictures out so that neighbours stay neighbours (t-SNE).
    """
    trunk, label_N, label_B = published_trunk(model), splits.train[1], splits.valid[1]
    train, valid = (features(trunk, arrays[0]) for arrays in (splits.train, splits.valid))
    test_BD = features(trunk, splits.test[0], trunk.layers()[-1:])[-1]
    heads = [chosen(a, label_N, b, label_B, model.classes) for a, b in zip(train, valid, strict=True)]
    head, valid_BC = heads[-1], heads[-1].scores(valid[-1])
    degree = classification.temperature(valid_BC, label_B)
    depths = [
        [accuracy(h.left_out_NC.argmax(1), label_N), accuracy(h.scores(x_BD).argmax(1), label_B)]
        for h, x_BD in zip(heads, valid, strict=True)
    ]
    known_ND = train[-1].half()
    threshold = neighbour_distances(valid[-1].half(), known_ND).quantile(PASSING)
    return {
        "familiar_threshold": threshold,
        "familiar_mistaken": (neighbour_distances(test_BD.half(), known_ND) > threshold).float().mean(),
        "linear_weight": head.weight_DC,
        "linear_bias": head.bias_C,
        "linear_p": (head.scores(test_BD) / degree).softmax(1),
        "linear_valid_p": (valid_BC / degree).softmax(1),
        "train_features": known_ND,
        "map": tsne(directions(known_ND)),
        "train_label": label_N,
        "test_features": test_BD.half(),
        "depth_accuracy": torch.tensor(depths),
        "curve_counts": torch.tensor(COUNTS),
        "curve_linear": linear_curve(train[-1], label_N, test_BD, splits.test[1]),
    }


def colour_evidence(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """What knows groceries by their colours alone: a ridge head on `signals.colours.histogram`, chosen on validation.

    `colour_weight` `(K, C)`, `colour_bias` `(C,)`, and `colour_p` `(B, C)` of test.
    """
    train, valid, test = (histogram(arrays[0]) for arrays in splits)
    head = chosen(train, splits.train[1], valid, splits.valid[1], len(grocery.CLASSES))
    degree = classification.temperature(head.scores(valid), splits.valid[1])
    return {
        "colour_weight": head.weight_DC / degree,
        "colour_bias": head.bias_C / degree,
        "colour_p": (head.scores(test) / degree).softmax(1),
    }


def published_trunk(model: TransferNet) -> TransferNet:
    """The same backbone before it was tuned, in evaluation mode; DataMissing where its weights are not here."""
    net = TransferNet(name=model.name, classes=model.classes, side=model.side, frozen=model.frozen)
    if model.name not in published.SHIPPED:
        net.adopt(imagenet.weights(model.name))
    return net.eval()


@torch.no_grad()
def features(net: TransferNet, x_B3HW: Tensor, layers: list[str] | None = None, *, batch: int = 32) -> list[Tensor]:
    """`pooled_by_depth` of 8-bit pictures: `(B, D)` for each of `layers`, all of them if not given.

    In bfloat16 where that is faster.
    """
    device = x_B3HW.device.type
    with torch.autocast(device, torch.bfloat16, enabled=bfloat16_is_fast(device)):
        parts = [pooled_by_depth(net, to_unit(part), layers) for part in x_B3HW.split(batch)]
    return [torch.cat(depth) for depth in zip(*parts, strict=True)]


def drawn(label_N: Tensor, count: int, draw: int) -> Tensor:
    """Indices of `count` pictures of each class, or all that there are, by this draw's own seed; more count more."""
    generator, index = torch.Generator().manual_seed(draw), []
    for label in label_N.unique():
        members = (label_N == label).nonzero().flatten()
        index.append(members[torch.randperm(len(members), generator=generator)][:count])
    return torch.cat(index)


def linear_curve(
    train_ND: Tensor, label_N: Tensor, test_BD: Tensor, label_B: Tensor, counts: Sequence[int] = COUNTS
) -> Tensor:
    """`(K, DRAWS)`: accuracy on test of heads that were solved from `counts` pictures of each class."""
    found, classes = torch.zeros(len(counts), DRAWS), int(label_N.max()) + 1
    for k, count in enumerate(counts):
        for draw in range(DRAWS):
            index = drawn(label_N, count, draw)
            head = few_shot_head(train_ND[index], label_N[index], classes)
            found[k, draw] = accuracy(head.scores(test_BD).argmax(1), label_B)
    return found


def few_shot_head(x_ND: Tensor, label_N: Tensor, classes: int) -> Ridge:
    """The head by leave-one-out, or with the middle penalty where there is one picture of each class."""
    if len(label_N) > len(label_N.unique()):
        return ridge.solve(x_ND, label_N, classes)
    return ridge.solve_with(x_ND, label_N, classes, ridge.MIDDLE)
