"""The one loop: a run is an iterator, and to stop it is to stop asking.

Every tab, the command line and the tests drain the same `Run`. It has no callbacks, no logger and no data loader: a
dataset is a tuple of tensors and a batch is an index into it. One device, one process.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from models import Card, _checkpoint
from training import _snapshot
from training._facts import counts, curves, fingerprint, provenance
from training._recipe import Arrays, Budget, Metrics, Recipe, Splits
from training._snapshot import SnapshotDamaged
from training.data import _root

M = TypeVar("M", bound=nn.Module)
CURVE_POINTS = 500


class TrainingDiverged(RuntimeError):
    """A loss is no longer a number."""


@dataclass(frozen=True)
class Progress:
    """A report: `losses` are means since the last one; `valid` is there when the validation set was looked at."""

    step: int
    steps: int
    seconds: float
    losses: Metrics
    valid: Metrics | None = None


@dataclass(frozen=True)
class Best:
    """The weights that did best on `valid` so far."""

    step: int
    valid: Metrics
    weights: dict[str, Tensor]


class Run(Generic[M]):
    """One training of one recipe; iterate it for a `Progress` every `report_seconds` and at every validation.

    The same budget on the same machine gives the same weights, bit for bit, unless there are `budget.seconds`; so does
    a run resumed from a snapshot, in a process where nothing else draws meanwhile. While it works, the process's
    random state is the run's own; it is given back before each report. It reads throughout what was read where it
    began: from samples it learns all the same, but it never writes a card. With `look_seconds` it looks at `valid`
    before its first step and then so often, in place of `budget.eval_every`. Raises TrainingDiverged when a loss is no
    longer finite.
    """

    def __init__(
        self,
        recipe: Recipe[M],
        budget: Budget | None = None,
        *,
        device: str | torch.device = "cpu",
        resume: Path | None = None,
        report_seconds: float = 0.25,
        look_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        snapshot = _snapshot.read(resume, recipe.name) if resume else None
        if snapshot and budget is None:
            budget = Budget(**snapshot["budget"])
        self.recipe, self.budget, self.device = recipe, budget or recipe.budget, torch.device(device)
        self.sampled = _root.sampled()
        self._reading: _root.Reading = _root.read_now()
        read = recipe.samples if self.sampled and recipe.samples else recipe.data
        self.splits = Splits(*(tuple(t.to(self.device) for t in arrays) for arrays in read()))
        self.history: list[Progress] = []
        self.best: Best | None = None
        self.step, self.seconds = 0, 0.0
        self._report_seconds, self._look_seconds, self._clock = report_seconds, look_seconds, clock
        self._next_look = 0.0
        self._generator = torch.Generator(self.device).manual_seed(self.budget.seed)
        self._random: list[Tensor] | None = None
        with self._own_state():
            self.model: M = recipe.model().to(self.device)
            if recipe.initial:
                recipe.initial(self.model, self.splits)
        self.averaged: M = copy.deepcopy(self.model) if recipe.averaging else self.model
        self.optimizers = recipe.optimizers(self.model, self.budget)
        self._rates = {name: [g["lr"] for g in o.param_groups] for name, o in self.optimizers.items()}
        self._losses: list[dict[str, Tensor]] = []
        self._order: tuple[int, Tensor] | None = None
        if snapshot:
            self._restore(snapshot)

    def __iter__(self) -> Iterator[Progress]:
        while not self.done:
            is_first = self._look_seconds is not None and not self.history
            progress = self._first_look() if is_first else self._advance()
            yield progress  # the only yield, outside every torch context: one inside would leak into its thread

    @property
    def spent(self) -> float:
        """The share of the budget that is used up, 0 to 1."""
        by_time = self.seconds / self.budget.seconds if self.budget.seconds else 0.0
        return min(1.0, max(self.step / self.budget.steps, by_time))

    @property
    def done(self) -> bool:
        """Whether the budget is spent, or the run is where it is to stop."""
        return self.spent >= 1.0 or self._is_stopped

    @property
    def _is_stopped(self) -> bool:
        return self.budget.stop_at is not None and self.step >= self.budget.stop_at

    def evaluate(self, split: Arrays) -> Metrics:
        """The recipe's metrics of the weights as they are now (averaged, where the recipe averages)."""
        self.averaged.eval()
        try:
            return self.recipe.evaluate(self.averaged, split)
        finally:
            self.averaged.train()

    def best_model(self) -> M:
        """The net to use and to save: best on `valid`, as it ships, rounded to what is stored, in evaluation mode."""
        if self.best is None:
            with self._own_state():
                self._validate()
        assert self.best is not None
        model = copy.deepcopy(self.averaged)
        model.load_state_dict(self.best.weights)
        model = self.recipe.export(model.eval()) if self.recipe.export else model
        _checkpoint.round_to_half(model)
        if self.recipe.complete:
            self.recipe.complete(model, self.splits)
        return model.eval()

    def evidence(self, model: M) -> dict[str, Tensor]:
        """What the recipe keeps about `model`, read where the run reads; nothing where it keeps nothing."""
        with _root.reading(self._reading):
            found = self.recipe.evidence(model, self.splits) if self.recipe.evidence else {}
        return found | (curves(self.history, self.recipe.headline.key) if self.recipe.curves else {})

    def save(self) -> Card:
        """Measure the best net on `test`, once, and write it as the recipe's checkpoint.

        ValueError where it saw samples.
        """
        if self.sampled:
            raise ValueError("This net has seen samples of the data only: no card is written from them")
        model = self.best_model()
        assert self.best is not None
        evidence = self.evidence(model)
        metrics = self.recipe.evaluate(model, self.splits.test)
        card = Card(
            recipe=self.recipe.name,
            model=type(model).__name__,
            config=_checkpoint.config(model),
            metrics=metrics,
            intervals=self._intervals(model),
            validation=self.recipe.evaluate(model, self.splits.valid),
            budget=asdict(self.budget) | {"stopped_at": self.step, "best_at": self.best.step},
            data=asdict(self.recipe.source) | counts(self.recipe, self.splits) | {"sha256": fingerprint(self.splits)},
            provenance=provenance(self.device) | {"seconds": round(self.seconds, 1)},
            seeds={str(self.budget.seed): metrics},
            parameters=0,
            bytes=0,
            weights_sha256="",
        )
        _checkpoint.save(self.recipe.name, model, card, evidence)
        return _checkpoint.card(self.recipe.name)

    def snapshot(self, path: Path) -> None:
        """Write everything that a resumed run needs, random states included, whole or not at all.

        Raises OSError at a full disk, TrainingDiverged where weights are no longer numbers.
        """
        if _snapshot.has_nan(self.model.state_dict()):
            raise self._diverged("Weights stopped being numbers")
        state = {
            "recipe": self.recipe.name,
            "budget": asdict(self.budget),
            "step": self.step,
            "seconds": self.seconds,
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizers": {name: o.state_dict() for name, o in self.optimizers.items()},
            "generator": self._generator.get_state(),
            "random": self._random,
            "best": vars(self.best) if self.best else None,
            "losses": self._losses,
            "history": [asdict(p) for p in self.history],
        }
        _snapshot.write(path, state)

    def _restore(self, state: dict[str, Any]) -> None:
        """Be where the snapshot was made; SnapshotDamaged where it does not fit this run."""
        try:
            if state["best"]:
                self.best = Best(**state["best"])
                self.averaged.load_state_dict(self.best.weights)  # which tells whether they fit
            self.model.load_state_dict(state["model"])
            self.averaged.load_state_dict(state["averaged"])
            for name, optimizer in self.optimizers.items():
                _load_optimizer(optimizer, state["optimizers"][name])
            self._generator.set_state(state["generator"])
            self._random = state["random"]
            with self._own_state():
                pass  # takes it up, and so tells whether it is a random state of this device
            self.history = [Progress(**p) for p in state["history"]]
            looks = [p.valid for p in self.history if p.valid is not None] + ([self.best.valid] if self.best else [])
            if not all(self.recipe.headline.key in valid for valid in looks):
                raise ValueError("A look at validation lacks the headline")
        except Exception as error:  # torch has no one family for what does not fit
            raise SnapshotDamaged(
                f"This snapshot was made by another version of “{self.recipe.name}”, or on another device: "
                "start again without --resume"
            ) from error
        self._losses = [{name: t.to(self.device) for name, t in losses.items()} for losses in state["losses"]]
        self.step, self.seconds = state["step"], state["seconds"]

    def _first_look(self) -> Progress:
        """What the net does on `valid` before it has learnt anything."""
        with self._own_state():
            progress = Progress(self.step, self.budget.steps, self.seconds, {}, self._validate())
        self.history.append(progress)
        return progress

    @property
    def _look_is_due(self) -> bool:
        ended = self.spent >= 1.0  # where it is only stopped, it does not look either: nobody knew that it would be
        if ended or self._look_seconds is None:
            return ended or self.step % self._eval_every == 0
        return self.seconds >= self._next_look

    def _advance(self) -> Progress:
        """Work until a report is due."""
        started, before = self._clock(), self.seconds
        valid = None
        with self._own_state():
            while True:
                self._update()
                self.seconds = before + self._clock() - started
                if self._look_is_due:
                    spent, valid = self.seconds, self._validate()
                    self.seconds = before + self._clock() - started
                    # A look that takes long comes less often: never more than a quarter of the time goes into looking.
                    self._next_look = self.seconds + max(self._look_seconds or 0, 3 * (self.seconds - spent))
                if valid or self.done or self.seconds - before >= self._report_seconds:
                    break
        progress = Progress(self.step, self.budget.steps, self.seconds, self._mean_losses(), valid)
        self.history.append(progress)
        if len(self.history) > CURVE_POINTS:
            self.history = [p for i, p in enumerate(self.history) if p.valid or i % 2]
        return progress

    def _validation_history(self) -> list[float]:
        """The headline on `valid` so far, turned so that more is better."""
        sign = -1 if self.recipe.headline.lower_is_better else 1
        return [sign * p.valid[self.recipe.headline.key] for p in self.history if p.valid]

    @property
    def _eval_every(self) -> int:
        return self.budget.eval_every or max(1, self.budget.steps // 20)

    def _update(self) -> None:
        share = self.recipe.schedule(self.spent, self._validation_history())
        for name, optimizer in self.optimizers.items():
            for group, rate in zip(optimizer.param_groups, self._rates[name], strict=True):
                group["lr"] = rate * share
        self.model.train()
        losses = self.recipe.step(self.model, self._batch(), self.optimizers, self._generator)
        self._losses.append({name: loss.detach() for name, loss in losses.items()})
        self.step += 1
        if self.recipe.averaging:
            _update_ema(self.averaged, self.model, min(self.recipe.averaging, self.step / (self.step + 10)))

    def _batch(self) -> Arrays:
        """The next batch of a fresh shuffle of `train` for every epoch, a function of seed and step alone."""
        n = len(self.splits.train[0])
        size = min(self.budget.batch_size, n)
        epoch, position = divmod(self.step, n // size)
        if self._order is None or self._order[0] != epoch:
            shuffle = torch.Generator().manual_seed(self.budget.seed * 1_000_003 + epoch)
            self._order = (epoch, torch.randperm(n, generator=shuffle).to(self.device))
        index_B = self._order[1][position * size : (position + 1) * size]
        return tuple(t[index_B] for t in self.splits.train)

    def _validate(self) -> Metrics:
        metrics = self.evaluate(self.splits.valid)
        if self.best is None or self.recipe.better(metrics, self.best.valid):
            weights = {name: t.detach().clone() for name, t in self.averaged.state_dict().items()}
            self.best = Best(self.step, metrics, weights)
        return metrics

    def _mean_losses(self) -> Metrics:
        """The losses since the last report, which only now leave the device."""
        if not self._losses:
            return self.history[-1].losses if self.history else {}
        means = {k: torch.stack([losses[k] for losses in self._losses]).mean().item() for k in self._losses[0]}
        self._losses = []
        if not all(map(math.isfinite, means.values())):
            raise self._diverged("The loss stopped being a number")
        return means

    def _diverged(self, what: str) -> TrainingDiverged:
        return TrainingDiverged(f"{what} by step {self.step}: lower its learning rate, {self.budget.lr:g}")

    def _intervals(self, model: M) -> dict[str, dict[str, float]]:
        found = self.recipe.intervals(model, self.splits.test) if self.recipe.intervals else {}
        return {key: interval._asdict() for key, interval in found.items()}

    @contextmanager
    def _own_state(self) -> Iterator[None]:
        """Dropout and initialisers draw from the process's generators: inside, they are this run's, as is the data."""
        cuda = [self.device] if self.device.type == "cuda" else []
        with _root.reading(self._reading), torch.random.fork_rng(devices=cuda):
            if self._random is None:
                torch.manual_seed(self.budget.seed)
            else:
                torch.set_rng_state(self._random[0])
                for state in self._random[1:]:
                    torch.cuda.set_rng_state(state, self.device)
            yield
            self._random = [torch.get_rng_state(), *(torch.cuda.get_rng_state(d) for d in cuda)]


def _update_ema(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move every number of `average` a share `1 - decay` of its way to `model`."""
    with torch.no_grad():
        for mean, new in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(new, 1 - decay)
            else:
                mean.copy_(new)


def _load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """As its own `load_state_dict`, which takes another kind's state without a word; ValueError there."""
    groups = zip(optimizer.state_dict()["param_groups"], state["param_groups"], strict=True)
    if any(mine.keys() != kept.keys() for mine, kept in groups):
        raise ValueError("This is the state of another kind of optimizer")
    optimizer.load_state_dict(state)
