"""A recipe: everything it takes to make one checkpoint, as a value."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from metrics.intervals import Interval
from models import Checkpoint, load_cached

M = TypeVar("M", bound=nn.Module)
Arrays = tuple[Tensor, ...]
"""Aligned along dim 0, on the device that trains."""
Metrics = dict[str, float]
LARGEST_SEED = 2**31 - 1
Optimizers = dict[str, torch.optim.Optimizer]
Step = Callable[[M, Arrays, Optimizers, torch.Generator], dict[str, Tensor]]
"""One update (a GAN's: two) on one batch, which states its own grad mode and precision; gives losses `()` by name."""


class Splits(NamedTuple):
    """Fit on `train`, choose on `valid`, quote `test`."""

    train: Arrays
    valid: Arrays
    test: Arrays


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where data comes from, under which licence, how it was split, and what a number on it must say with it."""

    title: str
    address: str
    licence: str
    split: str
    note: str = ""
    download: str = ""
    """How much is fetched where the whole data is not here, such as “15 MB”; nothing where it can only be asked for."""
    weights_licence: str = "Apache-2.0"
    """Under which licence weights trained on it may ship: narrower where the data's own is."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """When a run ends: after `steps`, or after `seconds` of work if that comes first.

    ValueError where one of them is no number that a run can end by.
    """

    steps: int
    batch_size: int
    lr: float
    seed: int = 0
    seconds: float | None = None
    eval_every: int | None = None
    """Steps between looks at `valid`; a twentieth of the run if not given."""
    stop_at: int | None = None
    """Where to stop before the end, as somebody did who pressed Ctrl-C there: the pace is still that of all `steps`."""

    def __post_init__(self) -> None:
        counts = (self.steps, self.batch_size, self.eval_every, self.stop_at)
        if any(n is not None and n < 1 for n in counts):
            raise ValueError("A training takes at least one step, of one sample at least.")
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise ValueError("A training takes some seconds: a number above 0.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ValueError(f"A seed is a whole number from 0 to {LARGEST_SEED:,}.")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A measure by which nets are compared, and how its values read."""

    key: str
    """Its name among `Metrics`."""
    title: str
    unit: str = ""
    format: str = ".3f"
    """How its number is written (Python's format specification) once it is multiplied by `scale`."""
    scale: float = 1
    lower_is_better: bool = False
    words: Callable[[float], str] | None = None
    """What a value says to somebody who knows no measure: “wrong on 1 of 27 pairs”. `said` where there is none."""
    words_count_errors: bool = False
    """Whether `words` turn the measure over: of what it counts as right they say how much is wrong."""
    chance: str = ""
    """What guessing, or doing nothing, gets: “chance: 1 of 2”. “{}” stands for the words of `floor`."""
    floor: str = ""
    """The name of the peer (see `peers`) that does nothing: what is quoted in `chance`."""

    def said(self, value: float) -> str:
        """`value` in plain words."""
        return self.words(value) if self.words else f"{self.number(value)} {self.label}"

    @property
    def direction(self) -> str:
        """Which way is better, for the plain words."""
        return "lower is better" if self.lower_is_better or self.words_count_errors else "higher is better"

    @property
    def label(self) -> str:
        """What stands behind the number in large figures: the unit and the title."""
        return f"{self.unit} {self.title}".lstrip()

    def number(self, value: float) -> str:
        """`value` as it reads, without its unit."""
        return f"{self.scale * value:{self.format}}"

    def text(self, value: float) -> str:
        """`value` as it reads, with its unit."""
        return f"{self.number(value)} {self.unit}".rstrip()


ACCURACY = Metric(key="accuracy", title="accuracy", unit="%", format=".2f", scale=100)
MACRO_F1 = Metric(key="macro_f1", title="macro-F1")


def wrong_on(things: str, share: float) -> str:
    """“wrong on 1 of 27 pairs”, where `share` of them is."""
    if 0 < share < 0.1:
        return f"wrong on 1 of {1 / share:,.0f} {things}"
    return f"wrong on {100 * share:.0f} of 100 {things}"


def off_by(psnr_db: float) -> str:
    """The root of the mean squared error in words, from a PSNR of which 1 is full."""
    return f"off by {100 * 10 ** (-psnr_db / 20):.1f} % of full brightness"


def accuracy_on(things: str, classes: int) -> Metric:
    """Accuracy among `classes` that are about as frequent, in plain words."""
    chance = f"chance: wrong on {classes - 1} of {classes}"
    return replace(ACCURACY, words=partial(_missed, things), words_count_errors=True, chance=chance)


def _missed(things: str, right: float) -> str:
    return wrong_on(things, 1 - right)


def macro_f1_over(kinds: str, classes: int) -> Metric:
    """Macro-F1 over `classes` kinds, in plain words; guessing each as often as it comes gets 1 / `classes`."""
    return replace(MACRO_F1, words=partial(_points, f"{classes} {kinds}"), chance=f"guessing: {100 / classes:.0f}")


def _points(kinds: str, value: float) -> str:
    return f"{100 * value:.0f} of 100 points for telling {kinds} apart"


Schedule = Callable[[float, Sequence[float]], float]
"""The share of each optimizer's learning rate, given the share of the budget that is spent, and the headline on `valid`
at every look so far, turned so that more is better."""


def warm_up_then_cosine(spent: float, validation_history: Sequence[float] = ()) -> float:
    """The share of the learning rate at a share `spent` of the budget: 2 % rising, the rest half a cosine to zero."""
    if spent < 0.02:
        return max(spent, 1e-3) / 0.02
    return 0.5 * (1 + torch.cos(torch.tensor(torch.pi * min(1.0, (spent - 0.02) / 0.98))).item())


def up_then_down(spent: float, validation_history: Sequence[float] = ()) -> float:
    """As airbench94 has it (Jordan 2024): from a fifth in a straight line to 1 at 23 % of the budget, then to 7 %."""
    peak = 0.23
    return 0.2 + 0.8 * spent / peak if spent < peak else 1 - 0.93 * (spent - peak) / (1 - peak)


def reduced_on_plateau(
    spent: float, validation_history: Sequence[float], *, factor: float = 0.5, patience: int = 2
) -> float:
    """As torch's ReduceLROnPlateau: times `factor` after more than `patience` looks at `valid` without a new best.

    The last eighth of the budget falls to zero in a straight line besides, and the first fiftieth rises.
    """
    share, best, bad = 1.0, -math.inf, 0
    for value in validation_history:
        best, bad = (value, 0) if value > best else (best, bad + 1)
        if bad > patience:
            share, bad = share * factor, 0
    return share * min(1.0, max(spent, 1e-3) / 0.02, (1 - spent) / 0.125)


@dataclass(frozen=True, kw_only=True)
class Recipe(Generic[M]):
    """What `python -m training fit NAME` runs."""

    name: str
    """The module's own name, and the checkpoint's."""
    model: "partial[M]"
    """`partial(VAE, latent=2)`: the specification is the constructor."""
    data: Callable[[], Splits]
    source: Source
    optimizers: Callable[[M, Budget], Optimizers]
    step: Step[M]
    evaluate: Callable[[M, Arrays], Metrics]
    budget: Budget
    headline: Metric
    """What the tab leads with; chosen on `valid`, quoted on `test`."""
    samples: Callable[[], Splits] | None = None
    """What is read in place of `data` where only samples are at hand, and the data's licence forbids to ship any."""
    schedule: Schedule = warm_up_then_cosine
    initial: Callable[[M, Splits], None] | None = None
    """Gives the net its first weights, in place, where they are not the constructor's (a dense net's factors, say)."""
    averaging: float | None = None
    """Decay of an exponential moving average of the weights, which is then what is evaluated and saved."""
    export: Callable[[M], M] | None = None
    """The net as it ships, where that differs from the net that trains (batch norm folded away, say)."""
    complete: Callable[[M, Splits], None] | None = None
    """Adds to the net as it ships, in place, what only a trained one can gather from the splits (a cohort, say)."""
    intervals: Callable[[M, Arrays], dict[str, Interval]] | None = None
    headline_over: Callable[[Arrays], int] | None = None
    """How many test items the headline is measured on, where that is not all of them."""
    evidence: Callable[[M, Splits], dict[str, Tensor]] | None = None
    """What a tab shows of the test set when the test set is not there."""
    curves: bool = False
    """Whether the evidence also keeps what the run's reports said (`_facts.curves`)."""

    def checkpoint(self) -> Checkpoint[M]:
        """The net as it ships, loaded once for the whole process.

        Raises CheckpointMissing with the command that makes it, CheckpointDamaged.
        """
        architecture: Any = self.model.func
        return load_cached(architecture, self.name)

    def better(self, metrics: Metrics, than: Metrics) -> bool:
        """Whether `metrics` beat the other's headline."""
        mine, theirs = metrics[self.headline.key], than[self.headline.key]
        return mine < theirs if self.headline.lower_is_better else mine > theirs
