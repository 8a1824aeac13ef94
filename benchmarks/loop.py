"""Images per second: our `Run` against a plain PyTorch loop with a DataLoader. Target: at least 1.5 times as many.

The same net (the recipe's, with batch norm and dropout), batch of 256, AdamW, constant learning rate, cross-entropy and
machine on both sides; twice, once all in float32 and once with the matrix products in bfloat16 on both sides, so that
the ratio is never about precision. A third time with no update at all: what each loop costs by itself, which is all
that a loop can save, and so tells how large a ratio this net allows.

* Ours indexes a batch out of one uint8 tensor and divides it by 255. On the clock: its shuffle, its schedule, its own
  random state, its reports four times a second with their mean losses. Off the clock: reading the data, and evaluation
  (`eval_every` lies beyond the last step). Weight averaging is off, since the plain loop has none.
* Plain is what a tutorial writes: a Dataset that keeps the same uint8 tensor in memory and makes each item a PIL image
  and then a tensor, as torchvision's MNIST with `ToTensor` does, and a DataLoader with `shuffle=True` and 0 or 2
  persistent workers. On the clock: loading, collating, the update. It logs nothing and never evaluates. Off the clock:
  starting the workers.

The three take turns, each round `--seconds` long after a warm-up of a second; with two workers
the plain loop has three processes to our one. A ratio is taken within each round, against the faster of the two plain
loops in that round.

    OMP_NUM_THREADS=1 python -m benchmarks.loop
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any
from unittest import mock

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from benchmarks._report import Row, arguments, claim, machine, report, row
from training import Arrays, Optimizers, Recipe, Run, Step, _steps
from training.recipes.mnist_mlp import recipe
from training.tasks import digits

FOREVER = 10**9
WARM_UP_SECONDS = 1.0
TARGET = 1.5
NOTE = (
    "Without a GPU an update of the five-million-parameter net takes nearly all of the time, on both sides, so there "
    "is little left for a loop to save: the batches alone are what differs."
)


class Pictures(Dataset[tuple[Tensor, int]]):
    """Pictures `x_B1HW` uint8 and their labels, one PIL image at a time."""

    def __init__(self, arrays: Arrays) -> None:
        from torchvision.transforms import ToTensor  # slow to import, and only the peer needs it

        self.x_BHW, self.label_B = arrays[0][:, 0], arrays[1]
        self.transform = ToTensor()

    def __len__(self) -> int:
        return len(self.x_BHW)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.x_BHW[index].numpy())), int(self.label_B[index])


def ready_made(model: nn.Module, batch: Arrays, optimizers: Optimizers, generator: object) -> dict[str, Tensor]:
    """`digits.step` on pictures that are float32 in [0, 1] already."""
    x_B, label_B = batch
    loss = F.cross_entropy(_steps.fast(model, x_B), label_B)
    _steps.update(optimizers["model"], loss)
    return {"cross_entropy": loss}


def idle(model: nn.Module, batch: Arrays, optimizers: Optimizers, generator: object) -> dict[str, Tensor]:
    """A batch that came and taught nothing."""
    return {"none": torch.zeros(())}


def ours(recipe: Recipe[Any], step: Step[Any]) -> Iterator[int]:
    """The number of updates done so far, from our loop."""
    endless = replace(recipe.budget, steps=FOREVER, eval_every=FOREVER)
    bare = replace(recipe, step=step, averaging=None, schedule=lambda spent, validation_history: 1.0)
    return (progress.step for progress in Run(bare, endless))


def plain(recipe: Recipe[Any], step: Step[Any], *, workers: int) -> Iterator[int]:
    """The number of updates done so far, from the loop that a tutorial would write."""
    torch.manual_seed(recipe.budget.seed)
    model = recipe.model()
    optimizers, generator = recipe.optimizers(model, recipe.budget), torch.Generator()
    loader = DataLoader(
        Pictures(recipe.data().train),
        batch_size=recipe.budget.batch_size,
        shuffle=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        drop_last=True,
    )
    model.train()
    done = 0
    while True:
        for batch in loader:
            step(model, batch, optimizers, generator)
            done += 1
            yield done


def updates_per_second(steps: Iterator[int], *, seconds: float, warm_up: float) -> float:
    """How fast `steps` counts up, over at least `seconds`, once it has warmed up."""
    began = time.perf_counter()
    first = next(steps)
    while time.perf_counter() - began < warm_up:
        first = next(steps)
    began = time.perf_counter()
    last = next(steps)
    while (elapsed := time.perf_counter() - began) < seconds:
        last = next(steps)
    return (last - first) / elapsed


def measure(
    recipe: Recipe[Any],
    what: str,
    *,
    rounds: int,
    seconds: float,
    warm_up: float = WARM_UP_SECONDS,
    workers: int = 2,
) -> list[list[float]]:
    """Images per second in each round: ours, plain, plain with `workers`; of float32, bfloat16 or no update."""
    with mock.patch.object(_steps, "bfloat16_is_fast", lambda device: what == "bfloat16"):
        own, other = (idle, idle) if what == "no update" else (digits.step, ready_made)
        sides = [ours(recipe, own), plain(recipe, other, workers=0), plain(recipe, other, workers=workers)]
        size = recipe.budget.batch_size
        turns = [
            [size * updates_per_second(side, seconds=seconds, warm_up=warm_up) for side in sides] for _ in range(rounds)
        ]
    return [list(side) for side in zip(*turns, strict=True)]


def compare(what: str, measured: list[list[float]], workers: int = 2) -> list[Row]:
    """A row for each side, and rows of our images per second over the plain loops' in the same round."""
    names = ("our loop", "plain loop, no workers", f"plain loop, {workers} workers")
    rows = [row(f"{name}, {what}", values, unit="images/s") for name, values in zip(names, measured, strict=True)]
    own, *others = measured
    others.append([max(pair) for pair in zip(*others, strict=True)])
    for name, values in zip((*names[1:], "the faster plain loop"), others, strict=True):
        ratios = [a / b for a, b in zip(own, values, strict=True)]
        rows.append(row(f"ours / {name}, {what}", ratios, unit="×"))
    return rows


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each side in each round")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 1.0
    measured_on = machine()
    found = {
        what: compare(what, measure(recipe, what, rounds=options.rounds, seconds=options.seconds))
        for what in ("float32", "bfloat16", "no update")
    }
    claims = [
        claim(f"images per second, ratio, {what}", found[what][-1]["median"], "≥", TARGET)
        for what in ("float32", "bfloat16")
    ]
    fast = _steps.bfloat16_is_fast("cpu")
    notes = [f"The recipe itself trains in {'bfloat16' if fast else 'float32'} on this processor.", NOTE]
    report("loop", measured_on, list(chain(*found.values())), claims=claims, notes=notes, keep=not options.quick)


if __name__ == "__main__":
    main()
