"""The laws of the loop: reproducible, resumable to the bit, leaking nothing, losing nothing."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.mlp import MLP
from tests.conftest import full_disk
from training import Arrays, Progress, Recipe, Run, SnapshotDamaged, TrainingDiverged
from training._recipe import reduced_on_plateau, up_then_down, warm_up_then_cosine
from training._run import CURVE_POINTS


def drain(run: Run[MLP]) -> dict[str, torch.Tensor]:
    """Every weight that a run ends with: the best, which it would save, and the last, averaged and not."""
    for _ in run:
        pass
    return weights(run)


def weights(run: Run[MLP]) -> dict[str, torch.Tensor]:
    nets = {"best": run.best_model(), "last": run.model, "averaged": run.averaged}
    return {f"{of}.{name}": t.clone() for of, net in nets.items() for name, t in net.state_dict().items()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def add_one(model: MLP, *_: object) -> dict[str, Tensor]:
    """A step whose outcome is known: every weight grows by one."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    return {"loss": torch.tensor(1.0)}


def numbered(recipe: Recipe[MLP], seed: int = 0) -> tuple[Run[MLP], list[Tensor]]:
    """A run whose training labels are the rows' numbers, and the batches of them that its steps get."""
    splits, batches = recipe.data(), []
    x_B = splits.train[0]

    def note(model: MLP, batch: Arrays, *_: object) -> dict[str, Tensor]:
        assert torch.equal(batch[0], x_B[batch[1]]), "pictures and labels stay together"
        batches.append(batch[1])
        return {"loss": torch.tensor(1.0)}

    counted = splits._replace(train=(x_B, torch.arange(len(x_B))))
    return Run(replace(recipe, data=lambda: counted, step=note), replace(recipe.budget, seed=seed)), batches


def ticking() -> Iterator[float]:
    """A clock by which every look takes a quarter of a second."""
    return itertools.count(0.0, 0.25)


def test_it_learns(recipe: Recipe[MLP]) -> None:
    run = Run(recipe)
    before = [run.evaluate(split)["accuracy"] for split in run.splits]
    drain(run)
    assert run.step == 40 and run.done
    train, valid, test = (recipe.evaluate(run.best_model(), split)["accuracy"] for split in run.splits)
    assert max(before) < 0.45 and 1 > train > 0.85 and 0.95 > valid > 0.65 and 0.75 > test > 0.45
    assert len({train, valid, test}) == 3, "no two splits give one figure, or a mix-up of splits would not show"
    assert len({len(split[0]) for split in run.splits}) == 3


def test_every_epoch_takes_every_row_once_in_an_order_of_its_own(recipe: Recipe[MLP]) -> None:
    run, batches = numbered(recipe)
    drain(run)
    assert {len(batch) for batch in batches} == {32} and len(batches) == 5 * 256 // 32
    epochs = torch.cat(batches).view(5, 256)
    assert torch.equal(epochs.sort(1).values, torch.arange(256).expand(5, 256))
    assert all((a == b).double().mean() < 0.05 for a, b in itertools.combinations(epochs, 2))


def test_another_seed_is_another_order(recipe: Recipe[MLP]) -> None:
    (first, mine), (again, same_ones), (other, theirs) = numbered(recipe), numbered(recipe), numbered(recipe, seed=1)
    for run in (first, again, other):
        next(iter(run))
    assert torch.equal(mine[0], same_ones[0])
    assert (mine[0] == theirs[0]).double().mean() < 0.2


def test_only_validation_is_looked_at_while_it_trains(recipe: Recipe[MLP], checkpoints: Path) -> None:
    seen: list[int] = []

    def watched(model: MLP, split: Arrays) -> dict[str, float]:
        assert not model.training, "dropout is off, and batch norm uses what it has learnt"
        seen.append(len(split[0]))
        return recipe.evaluate(model, split)

    run = Run(replace(recipe, evaluate=watched))
    n = {name: len(arrays[0]) for name, arrays in run.splits._asdict().items()}
    drain(run)
    assert seen == 4 * [n["valid"]]
    run.save()
    assert seen[4:].count(n["test"]) == 1 and n["train"] not in seen, "the test set is measured once, at the end"


def test_a_step_finds_the_net_in_training_mode(recipe: Recipe[MLP]) -> None:
    def watched(model: MLP, *rest: Any) -> dict[str, Tensor]:
        assert model.training
        return recipe.step(model, *rest)

    drain(Run(replace(recipe, step=watched)))


@pytest.mark.parametrize("decay", [0.5, 0.9])
def test_the_average_is_the_sum_that_it_should_be(recipe: Recipe[MLP], decay: float) -> None:
    """With every weight `w + t` after step t, the average is `w + Σ t · (1 − d_t) · d_{t+1} · … · d_T`."""
    run = Run(replace(recipe, step=add_one, averaging=decay))
    start = {name: p.detach().clone() for name, p in run.model.named_parameters()}
    drain(run)
    decays = [min(decay, t / (t + 10)) for t in range(1, 41)]
    lag = sum(t * (1 - decays[t - 1]) * math.prod(decays[t:]) for t in range(1, 41))
    assert 30 < lag < 39.5
    for (name, last), mean in zip(run.model.named_parameters(), run.averaged.parameters(), strict=True):
        assert torch.allclose(last, start[name] + 40, atol=1e-4)
        assert torch.allclose(mean, start[name] + lag, atol=1e-4)


def test_the_average_is_what_is_measured(recipe: Recipe[MLP]) -> None:
    run = Run(recipe)
    (*_, last) = run
    assert last.valid == recipe.evaluate(run.averaged.eval(), run.splits.valid)
    assert last.valid != recipe.evaluate(run.model.eval(), run.splits.valid)


def test_losses_are_means_since_the_last_report(recipe: Recipe[MLP]) -> None:
    losses = itertools.count(1.0)
    counting = replace(recipe, step=lambda *_: {"loss": torch.tensor(next(losses))})
    reports = list(Run(counting, report_seconds=60))
    assert [p.losses["loss"] for p in reports] == [5.5, 15.5, 25.5, 35.5]


def test_the_same_seed_gives_the_same_weights(recipe: Recipe[MLP]) -> None:
    first = drain(Run(recipe))
    torch.rand(5)  # somebody else draws
    assert same(first, drain(Run(recipe)))
    assert not same(first, drain(Run(recipe, replace(recipe.budget, seed=1))))


def test_the_last_step_is_looked_at_whatever_the_pace(recipe: Recipe[MLP]) -> None:
    run = Run(recipe, replace(recipe.budget, eval_every=15))
    drain(run)
    assert [p.step for p in run.history if p.valid] == [15, 30, 40]


def test_how_often_it_reports_changes_nothing(recipe: Recipe[MLP]) -> None:
    assert same(drain(Run(recipe, report_seconds=0)), drain(Run(recipe, report_seconds=60)))


@pytest.mark.parametrize("stop_at", [1, 10, 17, 39])
def test_a_resumed_run_ends_where_an_uninterrupted_one_does(recipe: Recipe[MLP], tmp_path: Path, stop_at: int) -> None:
    whole = Run(recipe, report_seconds=0)
    expected = drain(whole)
    first = Run(recipe, report_seconds=0)
    for progress in first:
        if progress.step == stop_at:
            break
    first.snapshot(tmp_path / "snapshot")
    second = Run(recipe, resume=tmp_path / "snapshot", report_seconds=0)
    assert second.step == stop_at
    assert same(expected, drain(second))
    assert [(p.step, p.losses, p.valid) for p in second.history] == [(p.step, p.losses, p.valid) for p in whole.history]


def test_nothing_leaks_between_two_reports(recipe: Recipe[MLP]) -> None:
    torch.manual_seed(5)
    expected = torch.rand(4)
    torch.manual_seed(5)
    run = iter(Run(recipe, report_seconds=0))
    next(run)
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    assert not torch.is_autocast_enabled("cpu")
    assert torch.equal(torch.rand(4), expected)


def test_reports_go_by_the_clock(recipe: Recipe[MLP]) -> None:
    clock = ticking()
    budget = replace(recipe.budget, eval_every=1000)
    reports = list(Run(recipe, budget, report_seconds=1.0, clock=lambda: next(clock)))
    assert [p.step for p in reports] == [4, 8, 12, 16, 20, 24, 28, 32, 36, 40]


def test_a_budget_of_seconds_ends_the_run_and_anneals_to_its_end(recipe: Recipe[MLP]) -> None:
    clock = ticking()
    budget = replace(recipe.budget, steps=10_000, seconds=5.0)
    run = Run(recipe, budget, report_seconds=0, clock=lambda: next(clock))
    seconds = [progress.seconds for progress in itertools.islice(run, 30)]
    assert run.done and 5 <= seconds[-1] < 6
    assert run.optimizers["model"].param_groups[0]["lr"] < 0.1 * budget.lr


@pytest.mark.parametrize("stop_at", [7, 17, 20])
def test_a_run_that_was_stopped_can_be_repeated(recipe: Recipe[MLP], stop_at: int) -> None:
    """As Ctrl-C stops it: at the pace of all steps, and without a look that nobody knew would be the last."""
    stopped = Run(recipe, report_seconds=0)
    for progress in stopped:
        if progress.step == stop_at:
            break
    again = Run(recipe, replace(recipe.budget, stop_at=stop_at), report_seconds=60)
    assert same(drain(again), weights(stopped)) and again.step == stop_at
    assert [p.step for p in again.history if p.valid] == [p.step for p in stopped.history if p.valid]


def test_curves_stay_short(recipe: Recipe[MLP]) -> None:
    run = Run(recipe, replace(recipe.budget, steps=700, batch_size=2), report_seconds=0)
    drain(run)
    assert len(run.history) <= CURVE_POINTS
    assert [p.step for p in run.history if p.valid] == list(range(10, 701, 10))


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_the_best_weights_on_validation_are_kept(recipe: Recipe[MLP], lower_is_better: bool) -> None:
    looks = [0.2, 0.9, 0.5, 0.4]
    scores = iter([1 - look for look in looks] if lower_is_better else looks)
    scripted = replace(
        recipe,
        headline=replace(recipe.headline, lower_is_better=lower_is_better),
        export=None,
        evaluate=lambda model, split: {"accuracy": next(scores)},
    )
    run, then = Run(scripted, report_seconds=60), {}
    for progress in run:
        then[progress.step] = {name: t.clone() for name, t in run.averaged.state_dict().items()}
    assert run.best is not None and run.best.step == 20
    assert same(run.best.weights, then[20]) and not same(then[20], then[40])
    finished = dict(run.best_model().named_parameters())
    assert all(torch.equal(p, then[20][name].half().float()) for name, p in finished.items()), "as they are stored"


def test_lower_can_be_better(recipe: Recipe[MLP]) -> None:
    other = replace(recipe, headline=replace(recipe.headline, lower_is_better=True))
    assert other.better({"accuracy": 0.1}, {"accuracy": 0.2}) and not recipe.better(
        {"accuracy": 0.1}, {"accuracy": 0.2}
    )


def test_stopping_is_not_asking_again(recipe: Recipe[MLP]) -> None:
    run = Run(recipe, report_seconds=0)
    assert isinstance(next(iter(run)), Progress)
    assert run.step == 1 and not run.best_model().training  # and what was learnt can be used


def test_a_loss_that_is_no_number_ends_the_run(recipe: Recipe[MLP]) -> None:
    losses = {"first": torch.tensor(1.0), "second": torch.tensor(float("nan"))}
    with pytest.raises(TrainingDiverged, match="stopped being a number by step 10"):
        drain(Run(replace(recipe, step=lambda *_: losses), report_seconds=60))


@pytest.mark.parametrize(
    "wrong",
    [{"steps": 0}, {"batch_size": 0}, {"stop_at": 0}, {"eval_every": 0}, {"seed": -1}, {"seed": 10**30},
     {"seconds": 0.0}, {"seconds": -5.0}, {"seconds": math.nan}, {"seconds": math.inf}],
    ids=str,
)  # fmt: skip
def test_a_budget_that_no_run_can_end_by(recipe: Recipe[MLP], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        replace(recipe.budget, **wrong)


def test_a_snapshot_of_another_net(recipe: Recipe[MLP], tmp_path: Path) -> None:
    Run(recipe).snapshot(tmp_path / "snapshot")
    wider = replace(recipe, model=partial(MLP, inputs=16, hidden=8, layers=1, classes=3))
    with pytest.raises(SnapshotDamaged, match="another version"):
        Run(wider, resume=tmp_path / "snapshot")


def test_a_full_disk_leaves_the_old_snapshot_whole(recipe: Recipe[MLP], tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    run = Run(recipe, report_seconds=0)
    run.snapshot(path)
    before = path.read_bytes()
    next(iter(run))
    with full_disk(2000), pytest.raises(OSError, match="still stands"):
        run.snapshot(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_schedule_rises_then_falls_to_zero() -> None:
    assert warm_up_then_cosine(0.0) < 0.1
    assert warm_up_then_cosine(0.02) == pytest.approx(1.0)
    assert warm_up_then_cosine(0.51) == pytest.approx(0.5)
    assert warm_up_then_cosine(1.0) == pytest.approx(0.0, abs=1e-6)


def test_the_rate_goes_up_then_down_in_straight_lines() -> None:
    found = [up_then_down(spent, []) for spent in (0.0, 0.115, 0.23, 0.615, 1.0)]
    assert found == pytest.approx([0.2, 0.6, 1.0, 0.535, 0.07])


@pytest.mark.parametrize(("factor", "patience"), [(0.5, 2), (0.1, 0), (0.7, 1)])
def test_a_plateau_is_what_torch_calls_one(factor: float, patience: int) -> None:
    draw = torch.Generator().manual_seed(patience)
    looks = (0.1 * torch.arange(25)).sqrt() + 0.2 * torch.randn(25, generator=draw)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, mode="max", threshold=0, factor=factor, patience=patience, eps=0
    )
    shares = []
    for i, look in enumerate(looks.tolist(), start=1):
        theirs.step(look)
        shares.append(reduced_on_plateau(0.5, looks[:i].tolist(), factor=factor, patience=patience))
        assert shares[-1] == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-6)
    assert shares[0] == 1 and shares[-1] < 0.5, "there was a plateau to see"


def test_it_rises_first_and_falls_to_zero_at_the_end_whatever_it_sees() -> None:
    assert reduced_on_plateau(0.0, []) < 0.1
    assert reduced_on_plateau(0.02, []) == reduced_on_plateau(0.875, [1.0]) == pytest.approx(1)
    assert reduced_on_plateau(0.9375, []) == pytest.approx(0.5) and reduced_on_plateau(1.0, []) == 0
    assert reduced_on_plateau(0.5, 4 * [float("nan")]) == 0.5, "what is no number is no new best"


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_a_run_slows_down_where_validation_stands_still(recipe: Recipe[MLP], lower_is_better: bool) -> None:
    looks = [0.1, 0.2, 0.3, 0.4, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1]
    seen = iter([1 - look for look in looks] if lower_is_better else looks)
    slowing = replace(
        recipe,
        schedule=partial(reduced_on_plateau, patience=0),
        headline=replace(recipe.headline, lower_is_better=lower_is_better),
        evaluate=lambda model, split: {"accuracy": next(seen)},
    )
    budget = replace(recipe.budget, eval_every=4)
    run, shares = Run(slowing, budget, report_seconds=0), {}
    for progress in run:
        shares[progress.step] = run.optimizers["model"].param_groups[0]["lr"] / budget.lr
    assert [shares[step] for step in (2, 16, 20, 21, 24, 25, 28, 29)] == pytest.approx(
        [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]
    )


@pytest.mark.parametrize("stop_at", [4, 17, 26])
def test_a_resumed_run_remembers_its_plateaus(recipe: Recipe[MLP], tmp_path: Path, stop_at: int) -> None:
    slowing = replace(
        recipe, schedule=partial(reduced_on_plateau, patience=0), budget=replace(recipe.budget, eval_every=4)
    )
    expected = drain(Run(slowing, report_seconds=0))
    first = Run(slowing, report_seconds=0)
    for progress in first:
        if progress.step == stop_at:
            break
    first.snapshot(tmp_path / "snapshot")
    second = Run(slowing, resume=tmp_path / "snapshot", report_seconds=0)
    assert second.step == stop_at and same(expected, drain(second))


def test_a_live_run_looks_before_its_first_step_and_then_by_the_clock(recipe: Recipe[MLP]) -> None:
    ticks = itertools.count()
    run = Run(
        recipe, replace(recipe.budget, seconds=100.0, steps=10_000), look_seconds=10.0, clock=lambda: float(next(ticks))
    )
    reports = list(run)
    looks = [report.seconds for report in reports if report.valid]
    assert reports[0].step == 0 and reports[0].valid and reports[-1].valid, "before anything is learnt, and at the end"
    assert 5 <= len(looks) <= 11 and all(b - a >= 10 for a, b in itertools.pairwise(looks[1:-1]))
