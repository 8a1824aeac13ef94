"""A trained model on disk: half-precision weights, the evidence about them, and the card that describes both.

    checkpoints/<name>/model.safetensors      weights
                      /config.json            the constructor's arguments for PyTorchModelHubMixin; we read the card's
                      /evidence.safetensors   our own facts about the test set, and a few items where the licence allows
                      /card.json              written last: a folder without a card is not a checkpoint

Nothing here is ever unpickled. Covers one process; two that save the same name at once are not kept apart.
"""

import glob
import hashlib
import inspect
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn

from models._card import FORM, Card, CheckpointDamaged, CheckpointMissing, damaged, read_card
from models._form import misfit

M = TypeVar("M", bound=nn.Module)

CHECKPOINTS = Path(__file__).resolve().parent.parent / "checkpoints"


@dataclass(frozen=True)
class Checkpoint(Generic[M]):
    """Weights in their model, in evaluation mode, with the card that belongs to them."""

    model: M
    card: Card
    folder: Path

    @cached_property
    def evidence(self) -> dict[str, Tensor]:
        """The tensors of `evidence.safetensors`, or none where the recipe keeps no evidence; CheckpointDamaged."""
        if self.card.evidence_sha256 is None:
            return {}
        return _tensors(self.folder / "evidence.safetensors", self.card.evidence_sha256, self.folder.name)


def config(model: nn.Module) -> dict[str, Any]:
    """Every constructor argument of `model`, defaults resolved: a model keeps each under the argument's own name."""
    return {name: getattr(model, name) for name in inspect.signature(type(model)).parameters}


def fits_half(tensor: Tensor) -> bool:
    """Whether half precision holds every value of `tensor` exactly."""
    return tensor.dtype == torch.float32 and bool((tensor.half().float() == tensor).all())


def are_numbers(state: Mapping[str, Tensor]) -> bool:
    """Whether no value is NaN or infinite."""
    return all(bool(tensor.isfinite().all()) for tensor in state.values() if tensor.is_floating_point())


def round_to_half(model: nn.Module) -> None:
    """Round every parameter to half precision in place, so that what is measured is what will be stored."""
    with torch.no_grad():
        for parameter in model.parameters():
            rounded = parameter.half().float()
            if rounded.isfinite().all():
                parameter.copy_(rounded)


def pack(model: nn.Module) -> bytes:
    """The weights as safetensors bytes, in half precision wherever that loses nothing."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    return safetensors.torch.save({name: t.half() if fits_half(t) else t for name, t in state.items()})


def save(name: str, model: nn.Module, card: Card, evidence: dict[str, Tensor] | None = None) -> Path:
    """Write a checkpoint whole or not at all; `card`'s sizes and hashes are filled in from what is written.

    Raises OSError with the folder in its message when the disk is full, ValueError where weights are NaN or infinite or
    the card says too little; what stood there before still stands.
    """
    if not are_numbers(model.state_dict()):
        raise ValueError(f"Weights of “{name}” are no longer numbers: nothing was written. Train it again")
    weights = pack(model)
    packed_evidence = _pack_evidence(evidence) if evidence else None
    facts = asdict(card) | {
        "parameters": sum(p.numel() for p in model.parameters()),
        "bytes": len(weights),
        "weights_sha256": _sha256(weights),
        "evidence_sha256": _sha256(packed_evidence) if packed_evidence else None,
    }
    _refuse_too_little(name, facts)
    files = {"model.safetensors": weights, "config.json": _json(card.config)}
    files |= {"evidence.safetensors": packed_evidence} if packed_evidence else {}
    files |= {"card.json": _json(facts)}
    folder = CHECKPOINTS / name
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(*(folder / file for file in files)) as parts:
        for part, content in zip(parts, files.values(), strict=True):
            part.write_bytes(content)
    return folder


def update_card(name: str, card: Card) -> None:
    """Replace the card alone: the weights and the evidence that it describes stay as they are.

    ValueError where the card says too little.
    """
    _refuse_too_little(name, asdict(card))
    with atomic_write(CHECKPOINTS / name / "card.json") as (part,):
        part.write_bytes(_json(asdict(card)))


def update_evidence(name: str, evidence: dict[str, Tensor]) -> None:
    """Replace the evidence, and its hash on the card: the weights and the metrics stay as they are.

    Raises OSError as `save` does.
    """
    packed = _pack_evidence(evidence)
    facts = asdict(card(name)) | {"evidence_sha256": _sha256(packed)}
    folder = CHECKPOINTS / name
    with atomic_write(folder / "evidence.safetensors", folder / "card.json") as parts:
        for part, content in zip(parts, (packed, _json(facts)), strict=True):
            part.write_bytes(content)


def card(name: str) -> Card:
    """The card of checkpoint `name`.

    Raises CheckpointMissing where there is none, CheckpointDamaged where it cannot be read or has another form.
    """
    try:
        facts = json.loads((CHECKPOINTS / name / "card.json").read_bytes())
    except FileNotFoundError:
        raise CheckpointMissing(
            f"There is no checkpoint “{name}” yet. Make it with: python -m training fit {name}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:  # a folder in its place, no JSON, JSON without end
        raise CheckpointDamaged(damaged(name, "its card cannot be read")) from error
    return read_card(facts, name)


def is_here(name: str) -> bool:
    """Whether there is a checkpoint of this name with a card that can be read."""
    try:
        card(name)
    except (CheckpointMissing, CheckpointDamaged):
        return False
    return True


def load(model: type[M], name: str, *, device: str | torch.device = "cpu") -> Checkpoint[M]:
    """Checkpoint `name` as a `model` in evaluation mode.

    Raises CheckpointMissing where there is none, and CheckpointDamaged where the weights are missing, are not those
    that the card was written for, do not fit the model, or are no numbers.
    """
    facts = card(name)
    if facts.model != model.__name__:
        raise CheckpointDamaged(f"Checkpoint “{name}” holds a {facts.model}, not a {model.__name__}.")
    folder = CHECKPOINTS / name
    weights = _tensors(folder / "model.safetensors", facts.weights_sha256, name)
    if not are_numbers(weights):
        raise CheckpointDamaged(damaged(name, "some of its weights are no numbers"))
    try:
        with torch.random.fork_rng():  # the first values are overwritten at once: nobody's random state pays for them
            net = model(**facts.config)
        net.load_state_dict(weights)
    except Exception as error:  # whatever a constructor makes of arguments that are not its own
        raise CheckpointDamaged(damaged(name, f"its weights do not fit a {model.__name__}")) from error
    return Checkpoint(net.to(device).eval(), facts, folder)


_loaded: dict[str, tuple[int, Checkpoint[Any]]] = {}
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def load_cached(model: type[M], name: str) -> Checkpoint[M]:
    """`load`, once per card for the whole process: the one copy that all visitors read and nobody trains."""
    path = CHECKPOINTS / name / "card.json"
    with _locks[name]:
        stamp = path.stat().st_mtime_ns if path.exists() else 0
        known = _loaded.get(str(path))
        if known is None or known[0] != stamp or not isinstance(known[1].model, model):
            known = _loaded[str(path)] = (stamp, load(model, name))
        return known[1]


@contextmanager
def atomic_write(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Temporary siblings of `paths`, which take their names, in order, when the block ends well.

    When it fails (OSError at a full disk, with the folder in its message; a kill while writing) no name has changed
    hands, and what was whole before is whole still. The one gap is a kill between the renames themselves, which follow
    one another at once. What such a kill left behind is swept away by the next who writes the same names.
    """
    for path in paths:
        sweep(path)
    parts = tuple(path.with_name(f"{path.name}.{os.getpid()}.part") for path in paths)
    try:
        yield parts
        for part in parts:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    except OSError as error:
        raise OSError(
            error.errno,
            f"{paths[0].parent} could not be written ({error.strerror or error}). What stood there before still "
            "stands: free some space and try again",
        ) from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Take away what a kill left of `path` half written."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
        left.unlink(missing_ok=True)


def _refuse_too_little(name: str, facts: dict[str, Any]) -> None:
    if lacking := misfit(facts, FORM, "card"):
        raise ValueError(f"The card of “{name}” does not say what it must ({lacking}): nothing was written")


def _tensors(path: Path, sha256: str, name: str) -> dict[str, Tensor]:
    """What a file of checkpoint `name` holds; CheckpointDamaged where it is not the one that the card describes."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointDamaged(damaged(name, f"{path.name} is missing")) from None
    except OSError as error:
        raise CheckpointDamaged(damaged(name, f"{path.name} cannot be read")) from error
    if _sha256(content) != sha256:
        raise CheckpointDamaged(damaged(name, f"{path.name} is not the file that its card describes"))
    try:
        return safetensors.torch.load(content)
    except Exception as error:  # SafetensorError, or what torch says of numbers of an unheard-of kind
        raise CheckpointDamaged(damaged(name, f"{path.name} cannot be read")) from error


def _pack_evidence(evidence: dict[str, Tensor]) -> bytes:
    return safetensors.torch.save({key: value.detach().cpu().contiguous() for key, value in evidence.items()})


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
