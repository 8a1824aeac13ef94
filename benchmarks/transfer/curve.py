"""How many pictures of each class it takes: from scratch, by a linear head, by a tuned last stage; five draws of each.

All are asked about the 540 pictures of test. What is tuned begins from the linear head of the same pictures, and learns
on the frozen blocks' answers to each picture, its mirror image and two that are augmented, so that those blocks are run
once. Half an hour of one core.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.transfer.curve
"""

from dataclasses import replace
from statistics import mean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks._report import arguments, machine, report
from metrics.classification import accuracy
from models.transfer import TransferNet
from signals.image import to_unit
from training import Recipe, Run, Splits, find
from training._steps import fast, update
from training.tasks import classification, transfer

COUNTS = (1, 2, 5, 10, 20, 50)
BACKBONE = "mobilenet_v2"
STEPS, BATCH = 60, 32
"""Of one tuned stage, however few its pictures."""


def few(splits: Splits, count: int, draw: int) -> Splits:
    """The same splits with `count` training pictures of each class."""
    index = transfer.drawn(splits.train[1], count, draw)
    return splits._replace(train=tuple(t[index] for t in splits.train))


def from_scratch(recipe: Recipe[Any], splits: Splits, *, steps: int) -> float:
    """Accuracy on test of the recipe's net trained on these pictures, its last weights: nothing is chosen."""
    budget = replace(recipe.budget, steps=steps, eval_every=steps)
    run = Run(replace(recipe, data=lambda: splits, budget=budget))
    for _ in run:
        pass
    return transfer.evaluate(run.best_model(), splits.test)["accuracy"]


@torch.no_grad()
def before_stage(net: TransferNet, x_B3HW: Tensor) -> Tensor:
    """What the frozen blocks hand on of pictures in [0, 1], `(B, C, H, W)`."""
    frozen = net.trunk[: net.frozen]
    parts = ((net.enlarged(part) - net.mean) / net.deviation for part in x_B3HW.split(BATCH))
    return torch.cat([fast(frozen, part.contiguous(memory_format=torch.channels_last)) for part in parts])


def views(net: TransferNet, x_B3HW: Tensor) -> Tensor:
    """`(4, B, C, H, W)`: `before_stage` of 8-bit pictures, of their mirror images, and of two augmentations."""
    x, draw = to_unit(x_B3HW), torch.Generator().manual_seed(0)
    seen = [x, x.flip(3), transfer.augment(x, draw), transfer.augment(x, draw)]
    return torch.stack([before_stage(net, view) for view in seen])


def tuned(seen: dict[str, Tensor], index: Tensor, label_N: Tensor, label_B: Tensor, *, draw: int, steps: int) -> float:
    """Accuracy on test of head and last stage after so many steps on the pictures at `index`."""
    with torch.random.fork_rng():
        torch.manual_seed(draw)
        net = TransferNet(name=BACKBONE, classes=9, frozen=find(f"grocery_{BACKBONE}").model.keywords["frozen"])
    stage, (train, test) = net.trunk[net.frozen :], (seen["train"][:, index], seen["test"])
    with torch.no_grad():
        pooled_ND = (stage.eval()(train[0]).mean((2, 3)) + stage(train[1]).mean((2, 3))) / 2
    head = transfer.few_shot_head(pooled_ND, label_N[index], 9)
    net.put(head, scale=1 / classification.temperature(head.left_out_NC, label_N[index]))
    optimizers = transfer.optimizers(net.train(), replace(find(f"grocery_{BACKBONE}").budget, lr=1e-3))
    generator = torch.Generator().manual_seed(draw)
    for _ in range(steps):
        at_B = torch.randint(len(index), (BATCH,), generator=generator)
        view_B = torch.randint(len(train), (BATCH,), generator=generator)
        logit_BC = net.head(net.drop(stage(train[view_B, at_B]).mean((2, 3))))
        update(optimizers["model"], F.cross_entropy(logit_BC, label_N[index][at_B], label_smoothing=0.1))
    net.eval()
    with torch.no_grad():
        logit_BC = sum(net.head(stage(view).mean((2, 3))) for view in test)
    return accuracy(torch.as_tensor(logit_BC).argmax(1), label_B)


def rows(*, counts: tuple[int, ...], draws: int, steps: int) -> list[dict[str, Any]]:
    """Accuracy on test by kind and pictures of each class, one figure a draw."""
    scratch, parts = find("grocery_scratch"), find(f"grocery_{BACKBONE}").data()
    small = scratch.data()
    net = TransferNet(name=BACKBONE, classes=9, frozen=find(f"grocery_{BACKBONE}").model.keywords["frozen"]).eval()
    seen = {"train": views(net, parts.train[0]), "test": views(net, parts.test[0])[:2]}
    pooled = {name: _pooled(net, view[:2]) for name, view in seen.items()}
    label_N, label_B, found = parts.train[1], parts.test[1], []
    for count in counts:
        index = [transfer.drawn(label_N, count, draw) for draw in range(draws)]
        heads = [transfer.few_shot_head(pooled["train"][i], label_N[i], 9) for i in index]
        linear = [accuracy(head.scores(pooled["test"]).argmax(1), label_B) for head in heads]
        stage = [tuned(seen, i, label_N, label_B, draw=draw, steps=steps) for draw, i in enumerate(index)]
        plain = [from_scratch(scratch, few(small, count, draw), steps=2 * steps) for draw in range(draws)]
        for name, values in (("from scratch", plain), ("linear head", linear), ("tuned last stage", stage)):
            found.append({"name": name, "count": count, "accuracy": values})
            print(name, count, [round(value, 3) for value in values], flush=True)
    return found


@torch.no_grad()
def _pooled(net: TransferNet, view_2BCHW: Tensor) -> Tensor:
    stage = net.trunk[net.frozen :]
    return sum(torch.cat([stage(part).mean((2, 3)) for part in view.split(BATCH)]) for view in view_2BCHW) / 2  # type: ignore[return-value]


def main() -> None:
    options, measured_on = arguments(__doc__).parse_args(), machine()
    quick = options.quick
    found = rows(counts=COUNTS[:2] if quick else COUNTS, draws=1 if quick else 5, steps=4 if quick else STEPS)
    cells = [[r["name"], str(r["count"]), f"{mean(r['accuracy']):.3f}", _spread(r["accuracy"])] for r in found]
    table = {
        "caption": "Accuracy on test by pictures of each class, five draws",
        "columns": ["how", "pictures of each class", "mean ↑", "least to most"],
        "rows": cells,
    }
    report("transfer_curve", measured_on, [], tables={"curve": table, "draws": found}, keep=not quick)  # type: ignore[dict-item]


def _spread(values: list[float]) -> str:
    return f"{min(values):.3f} to {max(values):.3f}"


if __name__ == "__main__":
    main()
