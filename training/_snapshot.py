"""A snapshot: all that a run needs to go on to the bit, in one file that is known to be whole before it is believed.

wavelens snapshot 2     what it is, and in which format
6d5c…                   the SHA-256 of all that follows
torch.save(…)           tensors and plain values only, read without unpickling anything else
"""

import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import _checkpoint
from models._form import misfit
from training._recipe import Budget

FORMAT = 2
HEAD = re.compile(rb"wavelens snapshot (\d{1,9})\n([0-9a-f]{64})\n")
OLD_HEAD = b"PK\x03\x04"
"""With which format 1 began, which was torch's alone."""
_TENSORS, _NUMBERS = {...: Tensor}, {...: float}
FORM = {
    "recipe": str,
    "budget": {
        "steps": int, "batch_size": int, "lr": float, "seed": int, "seconds": (float, None), "eval_every": (int, None),
        "stop_at": (int, None),
    },
    "step": int,
    "seconds": float,
    "model": _TENSORS,
    "averaged": _TENSORS,
    "optimizers": {...: {"state": dict, "param_groups": [dict]}},
    "generator": Tensor,
    "random": ([Tensor], None),
    "best": ({"step": int, "valid": _NUMBERS, "weights": _TENSORS}, None),
    "losses": [_TENSORS],
    "history": [
        {"step": int, "steps": int, "seconds": float, "losses": _NUMBERS, "valid": (_NUMBERS, None)},
    ],
}  # fmt: skip
"""What a snapshot holds (see `misfit`)."""


class SnapshotDamaged(RuntimeError):
    """A snapshot that cannot be resumed; the message says why, and what to do."""


def write(path: Path, state: dict[str, Any]) -> None:
    """Keep `state`, which has the `FORM`, whole or not at all; OSError at a full disk."""
    buffer = io.BytesIO()  # torch.save straight to a full disk ends in an error of its own making
    torch.save(state, buffer)
    payload = buffer.getbuffer()
    head = f"wavelens snapshot {FORMAT}\n{hashlib.sha256(payload).hexdigest()}\n".encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _checkpoint.atomic_write(path) as (part,), part.open("wb") as file:
        file.write(head)
        file.write(payload)


def remove(path: Path) -> None:
    """Take away a snapshot that is no longer needed, and what a kill left of one."""
    path.unlink(missing_ok=True)
    _checkpoint.sweep(path)


def read(path: Path, name: str) -> dict[str, Any]:
    """The state that was kept of a run of recipe `name`; SnapshotDamaged where it is not whole, or not such a state."""
    state = _unpacked(path, name)
    if wrong := misfit(state, FORM, "snapshot") or _impossible(state):
        raise SnapshotDamaged(f"The snapshot {path} is damaged ({wrong}): start again without --resume")
    if state["recipe"] != name:
        raise SnapshotDamaged(f"The snapshot {path} belongs to “{state['recipe']}”, not “{name}”")
    return state


def has_nan(weights: Mapping[str, Tensor]) -> bool:
    """Whether the training is lost; infinite may be what a net that learns to round has not measured yet."""
    return any(bool(tensor.isnan().any()) for tensor in weights.values())


def _unpacked(path: Path, name: str) -> Any:
    """What stands in the file, once its checksum has said that it is what was written."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SnapshotDamaged(f"There is no snapshot of “{name}” to resume: start again without --resume") from None
    except OSError as error:
        raise SnapshotDamaged(f"The snapshot {path} cannot be read: start again without --resume") from error
    head = HEAD.match(content)
    if content.startswith(OLD_HEAD) or (head and int(head[1]) < FORMAT):
        raise SnapshotDamaged(f"The snapshot {path} was made by an older version: start again without --resume")
    if head and int(head[1]) > FORMAT:
        raise SnapshotDamaged(f"The snapshot {path} was made by a newer version: start again without --resume")
    payload = memoryview(content)[head.end() if head else 0 :]
    if head is None or hashlib.sha256(payload).hexdigest().encode() != head[2]:
        raise SnapshotDamaged(f"The snapshot {path} is damaged: start again without --resume")
    try:
        return torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load names no narrower family
        raise SnapshotDamaged(f"The snapshot {path} cannot be read: start again without --resume") from error


def _impossible(state: dict[str, Any]) -> str:
    """What no run can have kept, though its form is right; empty where there is nothing."""
    try:
        Budget(**state["budget"])
    except (TypeError, ValueError):  # another field, or a value that no budget takes
        return "snapshot.budget"
    best = state["best"] or {"weights": {}}
    for place, weights in (("model", state["model"]), ("averaged", state["averaged"]), ("best", best["weights"])):
        if has_nan(weights):
            return f"weights in snapshot.{place} are no numbers"
    if len({frozenset(losses) for losses in state["losses"]}) > 1:
        return "snapshot.losses"
    if state["step"] < 0 or not 0 <= state["seconds"] < float("inf"):
        return "snapshot.step"
    return ""
