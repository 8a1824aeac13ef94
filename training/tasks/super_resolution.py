"""What every recipe for super-resolution shares: crops, the step, the measures, and the evidence.

Shapes: `sharp_B3HW` is twice as large as `small_B3hw`, both uint8; `y` is luma.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from metrics.intervals import Interval, means_by_unit
from metrics.pictures import by_set
from models.super_resolution import SCALE, Enlarge, in_colour, luma_fidelity
from signals.image import to_unit
from signals.luma import doubled, to_ycc
from training._augment import mirror
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits, off_by
from training._steps import fast, update

PSNR = Metric(
    key="psnr_db", title="PSNR", unit="dB", format=".2f",
    words=off_by, words_count_errors=True, chance="plain enlarging: {}", floor="bicubic",
)  # fmt: skip
Measured = Callable[[Enlarge, Arrays], dict[str, Tensor]]
"""What measures every picture of a split: values `(B,)` by the measure's name."""
Loss = Callable[[Tensor, Tensor, Tensor], dict[str, Tensor]]
"""Restored luma, sharp luma `y_B1HW`, and the small pictures' chroma `c_B2hw`, to losses by name; `loss` is the one
that is followed."""


def crops(batch: Arrays, side: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """What a square of `side` small pixels from each tile shows when sharp, and the square, laid down alike.

    `(B, 3, 2 side, 2 side)` and `(B, 3, side, side)` in [0, 1]. Both are mirrored and turned by the same draw, and
    start at the same place: they stay the same scene.
    """
    sharp_B3HW, small_B3hw = batch
    places = torch.randint(
        small_B3hw.shape[2] - side + 1, (len(small_B3hw), 2), generator=generator, device=generator.device
    ).tolist()
    ways = torch.randint(2, (3,), generator=generator, device=generator.device).bool()
    found = []
    for x_B3, scale in ((sharp_B3HW, SCALE), (small_B3hw, 1)):
        length = side * scale
        starts = [(top * scale, left * scale) for top, left in places]
        cut = [x[:, t : t + length, s : s + length] for x, (t, s) in zip(x_B3, starts, strict=True)]
        found.append(mirror(to_unit(torch.stack(cut)), *ways))
    return found[0], found[1]


def step(
    model: nn.Module,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    side: int,
    loss: Loss,
    largest_gradient: float = 0.5,
    is_residual: bool = False,
) -> dict[str, Tensor]:
    """One update on random crops, `side` pixels at the small size.

    With `is_residual` the net's products are in bfloat16 where that is faster: its three digits do for what is added to
    bicubic, not for a whole picture.
    """
    sharp_B3HW, small_B3hw = crops(batch, side, generator)
    sharp_BCHW, small_BChw = to_ycc(sharp_B3HW), to_ycc(small_B3hw)
    with torch.enable_grad():
        enlarge = partial(fast, model) if is_residual else model
        found = loss(enlarge(small_BChw[:, :1]), sharp_BCHW[:, :1], small_BChw[:, 1:])
        update(optimizers["model"], found["loss"], clip=largest_gradient)
    return found


def mean_square(y_B1HW: Tensor, truth_B1HW: Tensor, _: Tensor) -> dict[str, Tensor]:
    """The mean squared error of the luma, `()`."""
    return {"loss": F.mse_loss(y_B1HW, truth_B1HW)}


def mean_absolute(y_B1HW: Tensor, truth_B1HW: Tensor, _: Tensor) -> dict[str, Tensor]:
    """The mean absolute error of the luma, `()`."""
    return {"loss": F.l1_loss(y_B1HW, truth_B1HW)}


@torch.no_grad()
def upscale(enlarge: Enlarge, small_3hw: Tensor) -> Tensor:
    """An 8-bit picture `(3, h, w)` at twice the size `(3, 2 h, 2 w)`, 8 bits again."""
    return (in_colour(enlarge, to_unit(small_3hw[None]))[0] * 255).round().byte()


def measure_each(enlarge: Enlarge, split: Arrays) -> dict[str, Tensor]:
    """`luma_fidelity` of every picture of a split, `(B,)` float64 each."""
    rows = []
    for sharp_3HW, small_3hw, (height, width), _ in zip(*split, strict=True):
        picture_3HW = upscale(enlarge, small_3hw[:, : height // SCALE, : width // SCALE])
        rows.append(luma_fidelity(sharp_3HW[:, :height, :width], picture_3HW))
    return {name: torch.tensor([row[name] for row in rows], dtype=torch.float64) for name in rows[0]}


def evaluate(model: Enlarge, split: Arrays, *, sets: Sequence[str], measure: Measured = measure_each) -> Metrics:
    """Means over all pictures of a split, and over each set of them with its name behind."""
    return {
        name + end: chosen.mean().item()
        for name, values_B in measure(model, split).items()
        for end, chosen in by_set(values_B, split[3].cpu(), sets)
    }


def intervals(
    model: Enlarge, split: Arrays, *, sets: Sequence[str], measure: Measured = measure_each
) -> dict[str, Interval]:
    """The same means when the pictures are drawn again."""
    return {
        name + end: means_by_unit({name: chosen}, torch.arange(len(chosen)))[name]
        for name, values_B in measure(model, split).items()
        for end, chosen in by_set(values_B, split[3].cpu(), sets)
    }


def evidence(model: nn.Module, splits: Splits) -> dict[str, Tensor]:
    """Our figures for every test picture `(B,)`, by bicubic and by the net, and its set; no picture."""
    found = {f"bicubic_{name}": values_B.float() for name, values_B in measure_each(doubled, splits.test).items()}
    found |= {name: values_B.float() for name, values_B in measure_each(model, splits.test).items()}
    return found | {"set": splits.test[3]}
