"""The one loop: a run is an iterator, and to stop it is to stop asking.

Every tab, the command line and the tests drain the same `Run`. It has no callbacks, no logger and no data loader: a
dataset is a tuple of tensors and a batch is an index into it. One device, one process.
"""

import copy
import hashlib
import io
import math
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from models import Card, _checkpoint
from training._recipe import Arrays, Budget, Metrics, Recipe, Splits
from training.data import _root

M = TypeVar("M", bound=nn.Module)
CURVE_POINTS = 500


class TrainingDiverged(RuntimeError):
    """A loss is no longer a number."""


class SnapshotDamaged(RuntimeError):
    """A snapshot that cannot be resumed; the message says why."""


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

    The same budget on the same machine gives the same weights, bit for bit, unless `budget.seconds` cuts it short; so
    does a run resumed from a snapshot, in a process where nothing else draws meanwhile. While it works, the process's
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
        snapshot = _read_snapshot(resume, recipe.name) if resume else None
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
        """Whether the budget is spent."""
        return self.spent >= 1.0

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
        return model.eval()

    def evidence(self, model: M) -> dict[str, Tensor]:
        """What the recipe keeps about `model`, read where the run reads; nothing where it keeps nothing."""
        with _root.reading(self._reading):
            return self.recipe.evidence(model, self.splits) if self.recipe.evidence else {}

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
            data=asdict(self.recipe.source) | counts(self.splits) | {"sha256": fingerprint(self.splits)},
            provenance=provenance(self.device) | {"seconds": round(self.seconds, 1)},
            seeds={str(self.budget.seed): metrics},
            parameters=0,
            bytes=0,
            weights_sha256="",
        )
        _checkpoint.save(self.recipe.name, model, card, evidence)
        return _checkpoint.card(self.recipe.name)

    def snapshot(self, path: Path) -> None:
        """Write everything that a resumed run needs, random states included, whole or not at all."""
        state = {
            "format": 1,
            "recipe": self.recipe.name,
            "budget": asdict(self.budget),
            "step": self.step,
            "seconds": self.seconds,
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizers": {name: o.state_dict() for name, o in self.optimizers.items()},
            "generator": self._generator.get_state(),
            "random": self._random,
            "best": astuple(self.best) if self.best else None,
            "losses": self._losses,
            "history": [asdict(p) for p in self.history],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()  # torch.save straight to a full disk ends in an error of its own making
        torch.save(state, buffer)
        with _checkpoint.atomic_write(path) as (part,):
            part.write_bytes(buffer.getbuffer())

    def _restore(self, state: dict[str, Any]) -> None:
        try:
            self.model.load_state_dict(state["model"])
            self.averaged.load_state_dict(state["averaged"])
            for name, optimizer in self.optimizers.items():
                optimizer.load_state_dict(state["optimizers"][name])
        except (RuntimeError, KeyError, ValueError) as error:
            raise SnapshotDamaged(
                f"This snapshot was made by another version of “{self.recipe.name}”: start again without --resume"
            ) from error
        self.step, self.seconds = state["step"], state["seconds"]
        self._generator.set_state(state["generator"])
        self._random, self._losses = state["random"], state["losses"]
        self.best = Best(*state["best"]) if state["best"] else None
        self.history = [Progress(**p) for p in state["history"]]

    def _first_look(self) -> Progress:
        """What the net does on `valid` before it has learnt anything."""
        with self._own_state():
            progress = Progress(self.step, self.budget.steps, self.seconds, {}, self._validate())
        self.history.append(progress)
        return progress

    @property
    def _look_is_due(self) -> bool:
        if self.done or self._look_seconds is None:
            return self.done or self.step % self._eval_every == 0
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
            raise TrainingDiverged(
                f"The loss stopped being a number by step {self.step}: lower its learning rate, {self.budget.lr:g}"
            )
        return means

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


def shorten(budget: Budget, *, seconds: float | None = None, seed: int | None = None) -> Budget:
    """`budget` with another seed, or cut to `seconds` of work."""
    return replace(budget, seconds=seconds or budget.seconds, seed=budget.seed if seed is None else seed)


def counts(splits: Splits) -> dict[str, int]:
    """How many samples each split holds, as a card has it: `n_train`, `n_valid`, `n_test`."""
    return {f"n_{name}": len(arrays[0]) for name, arrays in splits._asdict().items()}


def fingerprint(splits: Splits) -> str:
    """The sha256 of every tensor of every split, in order."""
    digest = hashlib.sha256()
    for arrays in splits:
        for tensor in arrays:
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def provenance(device: torch.device) -> dict[str, Any]:
    """The software and the hardware behind a measurement."""
    if device.type == "cuda":
        hardware = torch.cuda.get_device_name(device)
    else:
        name = torch.cpu.get_capabilities().get("cpu_name") or platform.machine()
        threads = torch.get_num_threads()
        hardware = f"{name}, {threads} thread{'s' * (threads != 1)}"
    return {
        "made": time.strftime("%Y-%m-%d"),
        "device": hardware,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _update_ema(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move every number of `average` a share `1 - decay` of its way to `model`."""
    with torch.no_grad():
        for mean, new in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(new, 1 - decay)
            else:
                mean.copy_(new)


def _read_snapshot(path: Path, name: str) -> dict[str, Any]:
    if not path.exists():
        raise SnapshotDamaged(f"There is no snapshot of “{name}” to resume: start again without --resume")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)  # tensors and plain values only
    except Exception as error:  # torch.load names no narrower family for a file that is cut short
        raise SnapshotDamaged(f"The snapshot {path} cannot be read: start again without --resume") from error
    if state.get("recipe") != name:
        raise SnapshotDamaged(f"The snapshot {path} belongs to “{state.get('recipe')}”, not “{name}”")
    return state
