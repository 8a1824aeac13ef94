"""A snapshot is whole and of this very run, or it is refused in a sentence: nothing that is wrong is a crash."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from models.mlp import MLP
from training import Recipe, Run, SnapshotDamaged, TrainingDiverged, _snapshot

State = dict[str, Any]


@pytest.fixture
def kept(recipe: Recipe[MLP], tmp_path: Path) -> Path:
    """A snapshot in the middle of a run, with a look at validation behind it."""
    run = Run(recipe, report_seconds=0)
    for progress in run:
        if progress.step == 13:
            break
    run.snapshot(tmp_path / "tiny.snapshot")
    return tmp_path / "tiny.snapshot"


def without(*keys: str) -> Callable[[State], State]:
    return lambda state: {key: value for key, value in state.items() if key not in keys}


def having(**values: Any) -> Callable[[State], State]:
    return lambda state: state | values


def spoilt(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: torch.full_like(t, float("nan")) if t.is_floating_point() else t for name, t in weights.items()}


def short_best(state: State) -> State:
    return state | {"best": state["best"] | {"weights": dict([*state["best"]["weights"].items()][:1])}}


def as_sgd(state: State) -> State:
    """What plain gradient descent would have kept of the same parameters."""
    groups = [{"params": [torch.zeros(1) for _ in group["params"]]} for group in state["param_groups"]]
    return torch.optim.SGD(groups, lr=1).state_dict()


WRONG: dict[str, Callable[[State], Any]] = {
    "a list": lambda state: list(state),
    "nothing": lambda state: None,
    **{f"no {key}": without(key) for key in ("recipe", "budget", "step", "seconds", "model", "averaged", "optimizers")},
    **{f"no {key}": without(key) for key in ("generator", "random", "best", "losses", "history")},
    "another recipe's": having(recipe="other"),
    "a field more in the budget": lambda state: state | {"budget": state["budget"] | {"patience": 3}},
    "a field less in the budget": lambda state: state | {"budget": without("seed")(state["budget"])},
    "a budget without end": lambda state: state | {"budget": state["budget"] | {"seconds": float("nan")}},
    "a step in text": having(step="13"),
    "a step below 0": having(step=-1),
    "seconds that are no number": having(seconds=float("nan")),
    "a short generator": lambda state: state | {"generator": state["generator"][:-8]},
    "a generator of floats": lambda state: state | {"generator": state["generator"].float()},
    "a short random state": lambda state: state | {"random": [state["random"][0][:-8]]},
    "a short best": short_best,
    "a best in a tuple": lambda state: state | {"best": tuple(state["best"].values())},
    "a best without its figures": lambda state: state | {"best": state["best"] | {"valid": {}}},
    "a history of text": having(history=["step 1"]),
    "a history without its figures": lambda state: state | {"history": [h | {"valid": {}} for h in state["history"]]},
    "losses of several kinds": lambda state: state | {"losses": [{"a": torch.ones(())}, {"b": torch.ones(())}]},
    "NaN weights": lambda state: state | {"model": spoilt(state["model"])},
    "a NaN average": lambda state: state | {"averaged": spoilt(state["averaged"])},
    "a NaN best": lambda state: state | {"best": state["best"] | {"weights": spoilt(state["best"]["weights"])}},
    "another net": lambda state: (
        state | {"model": {name: t.repeat(2) for name, t in state["model"].items() if t.ndim == 1}}
    ),
    "another optimizer": lambda state: state | {"optimizers": {"model": as_sgd(state["optimizers"]["model"])}},
    "no optimizer": having(optimizers={}),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_whole_and_yet_no_snapshot_of_this_run(recipe: Recipe[MLP], kept: Path, wrong: str) -> None:
    """With a checksum that is right: as another version of the code might have written it."""
    _snapshot.write(kept, WRONG[wrong](_snapshot.read(kept, "tiny")))
    with pytest.raises(SnapshotDamaged, match=r"without --resume|belongs to “other”") as told:
        Run(recipe, resume=kept)
    assert "\n" not in str(told.value)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize("share", [0.0, 0.0003, 0.01, 0.3, 0.5, 0.77, 0.9999])
def test_one_flipped_bit_anywhere(recipe: Recipe[MLP], kept: Path, share: float) -> None:
    content = kept.read_bytes()
    kept.write_bytes(flipped(content, int(share * len(content))))
    with pytest.raises(SnapshotDamaged, match="without --resume"):
        Run(recipe, resume=kept)


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content[:-1],
    "one byte more": lambda content: content + b"\0",
    "text": lambda content: b"no snapshot",
    "its head alone": lambda content: content[: content.index(b"PK")],
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_not_whole(recipe: Recipe[MLP], kept: Path, how: str) -> None:
    kept.write_bytes(BROKEN[how](kept.read_bytes()))
    with pytest.raises(SnapshotDamaged, match="damaged: start again without --resume"):
        Run(recipe, resume=kept)


def test_a_folder_in_its_place_and_none_at_all(recipe: Recipe[MLP], tmp_path: Path) -> None:
    with pytest.raises(SnapshotDamaged, match="cannot be read"):
        Run(recipe, resume=tmp_path)
    with pytest.raises(SnapshotDamaged, match="There is no snapshot of “tiny”"):
        Run(recipe, resume=tmp_path / "nothing")


def test_the_format_is_read(recipe: Recipe[MLP], kept: Path) -> None:
    content = kept.read_bytes()
    kept.write_bytes(content.replace(b"snapshot 2", b"snapshot 3", 1))
    with pytest.raises(SnapshotDamaged, match="made by a newer version: start again without --resume"):
        Run(recipe, resume=kept)
    torch.save({"format": 1, "recipe": "tiny"}, kept)  # as format 1 was: torch's file and nothing before it
    with pytest.raises(SnapshotDamaged, match="made by an older version: start again without --resume"):
        Run(recipe, resume=kept)


def test_weights_that_are_no_numbers_take_no_good_snapshots_place(recipe: Recipe[MLP], kept: Path) -> None:
    before = kept.read_bytes()
    run = Run(recipe)
    next(run.model.parameters()).data.fill_(float("nan"))
    with pytest.raises(TrainingDiverged, match="stopped being numbers"):
        run.snapshot(kept)
    assert kept.read_bytes() == before


def test_what_a_kill_left_behind_is_swept_away(recipe: Recipe[MLP], kept: Path) -> None:
    left = kept.with_name("tiny.snapshot.1234567.part")
    others = kept.with_name("tiny.snapshot.old")
    for path in (left, others):
        path.write_bytes(b"half a snapshot")
    Run(recipe, resume=kept).snapshot(kept)
    assert not left.exists() and others.exists()
