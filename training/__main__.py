"""The command line: `python -m training list | fit | evaluate | evidence | repeat NAME`, and `samples`, `table`."""

import argparse
import importlib
import json
import math
import signal
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from models import Card, CheckpointDamaged, CheckpointMissing, _checkpoint
from training import _options, _pace, _snapshot, _table
from training._facts import LEARNING
from training._recipe import Budget, Recipe, Splits
from training._run import Progress, Run, SnapshotDamaged, TrainingDiverged
from training.data._root import SAMPLES, DataDamaged, DataMissing, samples
from training.recipes import catalogue, find

RUNS = Path("runs")
SNAPSHOT_SECONDS = 45
KNOWN_TROUBLE = (
    CheckpointDamaged, CheckpointMissing, DataDamaged, DataMissing,
    SnapshotDamaged, TrainingDiverged, ValueError, OSError,
)  # fmt: skip
console = Console()


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except KNOWN_TROUBLE as error:
        print(f"{error}" if str(error).endswith((".", "!")) else f"{error}.", file=sys.stderr)
        return 1
    return 0


def list_recipes(options: argparse.Namespace) -> None:
    """Every recipe, with its headline where it has been trained."""
    for name, recipe in catalogue().items():
        try:
            card = _checkpoint.card(name)
            state = f"{recipe.headline.key} {card.metrics[recipe.headline.key]:.4f}  (n = {card.n:,})"
        except CheckpointMissing:
            state = "not trained yet"
        except CheckpointDamaged:
            state = "the checkpoint is damaged"
        print(f"{name:24} {state:36} {recipe.source.title}")


def fit(options: argparse.Namespace) -> None:
    """Train, with a snapshot at least once a minute; Ctrl-C stops early and keeps the best weights so far."""
    recipe = find(options.name)
    snapshot = RUNS / f"{recipe.name}.snapshot"
    if options.resume and (options.seed, options.stop_at) != (None, None):
        raise ValueError("A resumed run has the seed and the end that it had: leave --seed and --stop-at out")
    budget = None if options.resume else _budget(recipe.budget, options)
    device = _device(options.device)
    with _read(options):
        if budget and budget.seconds:
            budget = _pace.by_steps(recipe, budget, device=device)
            console.print(f"{options.seconds:g} seconds here are about {budget.steps:,} steps")
        run = Run(recipe, budget, device=device, resume=snapshot if options.resume else None)
    tracker = _tracker(run) if options.track else None
    stopped = _drain(run, snapshot, tracker, every=options.snapshot_every)
    if run.sampled:
        figure = run.recipe.evaluate(run.best_model(), run.splits.valid)[recipe.headline.key]
        n = len(run.splits.train[0])
        console.print(f"{recipe.name}: {recipe.headline.key} {figure:.4f} on validation, from {n:,} samples; not kept")
    elif options.replace or not _better_stands(run):
        card = run.save()
        # the figure on test is for the card: seen here, it would be chosen by
        figure = card.validation[recipe.headline.key]
        console.print(f"{recipe.name}: {recipe.headline.key} {figure:.4f} on validation, {card.bytes / 1e6:.2f} MB")
        console.print(_repeated_by(card), soft_wrap=True)  # a command to be copied
    if not stopped:
        _snapshot.remove(snapshot)


def _budget(budget: Budget, options: argparse.Namespace) -> Budget:
    """The recipe's own, but for what the options say."""
    said = {name: getattr(options, name) for name in ("steps", "seconds", "seed", "stop_at")}
    return replace(budget, **{name: value for name, value in said.items() if value is not None})


def _repeated_by(card: Card) -> str:
    if not card.repeated_by:
        steps = card.budget["stopped_at"]
        return f"It went by the clock, which nobody can repeat. As long, and the same each time: --steps {steps}"
    return f"Bit for bit again on this machine: python -m training fit {card.recipe} --replace {card.repeated_by}"


def evaluate(options: argparse.Namespace) -> None:
    """The card's figures again, from data and weights."""
    recipe = find(options.name)
    checkpoint = _checkpoint.load(_model_class(recipe), recipe.name, device=_device(options.device))
    with _read(options):
        read = recipe.samples if options.samples and recipe.samples else recipe.data
        test = tuple(t.to(_device(options.device)) for t in read().test)
    metrics = recipe.evaluate(checkpoint.model, test)
    if options.json:
        print(json.dumps({"name": recipe.name, "n": len(test[0]), "metrics": metrics, "card": checkpoint.card.metrics}))
        return
    for key, value in metrics.items():
        print(f"{key:20} {value:.5f}   on the card {checkpoint.card.metrics[key]:.5f}")


def evidence(options: argparse.Namespace) -> None:
    """A checkpoint's evidence again, from its weights and the whole data; weights and metrics stay as they are."""
    recipe = find(options.name)
    if recipe.evidence is None:
        raise ValueError(f"“{recipe.name}” keeps no evidence")
    checkpoint = _checkpoint.load(_model_class(recipe), recipe.name)  # which refuses weights that are not the card's
    splits = recipe.data()
    _refuse_if_not_the_cards(recipe, checkpoint, splits)
    learnt = {key: t for key, t in checkpoint.evidence.items() if recipe.curves and key in LEARNING}
    found = recipe.evidence(checkpoint.model, splits) | learnt  # a run's curves are told once, by the run
    _checkpoint.update_evidence(recipe.name, found)
    size = sum(t.numel() * t.element_size() for t in found.values())
    console.print(f"{recipe.name}: evidence of {len(found)} tensors, {size / 1e3:,.0f} kB; the weights are the card's")


def _refuse_if_not_the_cards(recipe: Recipe, checkpoint: _checkpoint.Checkpoint, splits: Splits) -> None:
    """ValueError where other data is at hand than the card speaks of, or the weights do not do on it what it says."""
    card = checkpoint.card
    n, n_card = len(splits.test[0]), card.data["n_test"]
    if n != n_card:
        raise ValueError(f"“{recipe.name}” was tested on {n_card:,} items, and here are {n:,}: not written")
    for key, value in recipe.evaluate(checkpoint.model, splits.test).items():
        if not math.isclose(value, card.metrics[key], rel_tol=5e-4, abs_tol=2e-4):  # another machine's rounding
            raise ValueError(
                f"{key} of “{recipe.name}” is {value:.5f} here, and {card.metrics[key]:.5f} on its card: not written"
            )


def cut_samples(options: argparse.Namespace) -> None:
    """Cut `samples/`, the data root in miniature that ships, from a full root; the same seed cuts the same."""
    from training import _samples

    for line in _samples.cut(options.root, options.to):
        print(line)


def repeat(options: argparse.Namespace) -> None:
    """The same recipe from other seeds: their test metrics go on the card, the weights stay as they are."""
    recipe = find(options.name)
    for seed in options.seeds:
        if str(seed) in _checkpoint.card(recipe.name).seeds:
            continue
        snapshot = RUNS / f"{recipe.name}.{seed}.snapshot"
        budget = replace(recipe.budget, seed=seed)
        run = Run(recipe, budget, device=_device(options.device), resume=snapshot if snapshot.exists() else None)
        if _drain(run, snapshot):
            return
        metrics = recipe.evaluate(run.best_model(), run.splits.test)
        card = _checkpoint.card(recipe.name)  # as it is now: the run took its time
        _checkpoint.update_card(recipe.name, replace(card, seeds=card.seeds | {str(seed): metrics}))
        _snapshot.remove(snapshot)
        console.print(f"seed {seed}: {recipe.headline.key} {metrics[recipe.headline.key]:.4f} on test")


def table(options: argparse.Namespace) -> None:
    """Every card and benchmark as tables: RESULTS.md, and the tabs in the README."""
    if options.write:
        from demos import catalogue as tabs  # gradio with it, which no other command has to wait for

        _table.write(tabs())
    else:
        print(_table.page())


def _drain(run: Run, snapshot: Path, tracker: Any = None, *, every: float = SNAPSHOT_SECONDS) -> bool:
    """Ask until the run is done or Ctrl-C was pressed, with a snapshot `every` few seconds; whether it was pressed."""
    stop = False

    def ask_to_stop(*_) -> None:
        nonlocal stop
        stop = True
        console.print("Stopping after this step; the best weights are kept.")

    before = signal.signal(signal.SIGINT, ask_to_stop)
    kept = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[state]}"),
    )
    try:
        with Bar(*columns, console=console) as bar:
            task = bar.add_task(run.recipe.name, total=1.0, state="")
            valid = ""
            for progress in run:
                valid = _headline(run, progress) or valid
                losses = "  ".join(f"{name} {value:.4f}" for name, value in progress.losses.items())
                bar.update(task, completed=run.spent, state=f"{losses}  {valid}")
                if tracker:
                    tracker.log(
                        {**progress.losses, **{f"valid/{k}": v for k, v in (progress.valid or {}).items()}},
                        step=progress.step,
                    )
                if time.monotonic() - kept > every or stop:
                    _keep(run, snapshot)
                    kept = time.monotonic()
                if stop:
                    break
    finally:
        signal.signal(signal.SIGINT, before)
        if tracker:
            tracker.finish()
    return stop


def _keep(run: Run, snapshot: Path) -> None:
    try:
        run.snapshot(snapshot)
    except OSError as error:  # the training is worth more than its snapshot
        console.print(f"No snapshot this time, and the training goes on: {error}")


def _headline(run: Run, progress: Progress) -> str:
    if not progress.valid:
        return ""
    line = f"valid {run.recipe.headline.key} {progress.valid[run.recipe.headline.key]:.4f}"
    if not console.is_terminal:
        console.print(f"step {progress.step}/{progress.steps}  {progress.seconds:.0f} s  {line}")
    return line


def _read(options: argparse.Namespace) -> AbstractContextManager[object]:
    """Samples are read where they are asked for: a command never falls back to them by itself."""
    return samples() if options.samples else nullcontext()


def _better_stands(run: Run) -> bool:
    """Whether the checkpoint that is there did better on `valid`: then it stays, and a sentence says so."""
    try:
        card = _checkpoint.card(run.recipe.name)
    except (CheckpointMissing, CheckpointDamaged):
        return False
    mine = run.recipe.evaluate(run.best_model(), run.splits.valid)
    if not run.recipe.better(card.validation, mine):
        return False
    headline = run.recipe.headline.key
    console.print(
        f"The checkpoint that is there did better on validation ({headline} {card.validation[headline]:.4f} against "
        f"{mine[headline]:.4f}) and was kept. To replace it all the same: --replace"
    )
    return True


def _tracker(run: Run):
    try:
        trackio = importlib.import_module("trackio")  # optional: not among the requirements
    except ImportError:
        raise ValueError("--track needs trackio: pip install trackio") from None
    trackio.init(
        project="wavelens", name=f"{run.recipe.name}-{time.strftime('%Y%m%d-%H%M%S')}", config=vars(run.budget)
    )
    return trackio


def _model_class(recipe: Recipe) -> type:
    return recipe.model.func  # type: ignore[return-value]  # a partial of a class


def _device(name: str) -> str:
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("This machine has no CUDA device: use --device cpu")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(function, name: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        sub.set_defaults(command=function)
        return sub

    command(list_recipes, "list")
    fitting, evaluating, repeating = command(fit, "fit"), command(evaluate, "evaluate"), command(repeat, "repeat")
    for sub in (fitting, evaluating, repeating):
        sub.add_argument("name", help="a recipe, as `list` shows it")
        sub.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    _say_how_long(fitting)
    fitting.add_argument("--replace", action="store_true", help="replace the checkpoint even if it is the better one")
    fitting.add_argument("--track", action="store_true", help="log to trackio as well (pip install trackio)")
    evaluating.add_argument("--json", action="store_true")
    for sub in (fitting, evaluating):
        sub.add_argument("--samples", action="store_true", help="on what ships of the data; no card is written from it")
    cutting = command(cut_samples, "samples")
    cutting.add_argument("--from", dest="root", type=Path, required=True, help="a full data root")
    cutting.add_argument("--to", type=Path, default=SAMPLES)
    repeating.add_argument("--seeds", type=_options.seed, nargs="+", default=[1, 2])
    command(evidence, "evidence").add_argument("name", help="a recipe that has a checkpoint")
    command(table, "table").add_argument("--write", action="store_true", help="into RESULTS.md and the README")
    return parser


def _say_how_long(fitting: argparse.ArgumentParser) -> None:
    end = fitting.add_mutually_exclusive_group()
    end.add_argument("--steps", type=_options.count, help="so many, annealed to end there: again the same, bit for bit")
    end.add_argument(
        "--seconds", type=_options.seconds, help="as many steps as fit into this time here, found by a short trial"
    )
    end.add_argument("--resume", action="store_true", help="go on from the last snapshot, with its budget")
    fitting.add_argument("--stop-at", type=_options.count, help="stop after this step, as Ctrl-C does")
    fitting.add_argument("--seed", type=_options.seed)
    fitting.add_argument("--snapshot-every", type=_options.seconds, default=SNAPSHOT_SECONDS, metavar="SECONDS")


if __name__ == "__main__":
    sys.exit(main())
