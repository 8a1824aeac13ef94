"""What a card says of a training besides its figures: of how much data, of which, on what machine."""

import hashlib
import platform
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from training._recipe import Recipe, Splits


def counts(recipe: Recipe[Any], splits: Splits) -> dict[str, int]:
    """How many samples each split holds, as a card has it: `n_train`, `n_valid`, `n_test`.

    And `n_headline`, on how many of test the headline was measured, where that is not all of them.
    """
    found = {f"n_{name}": len(arrays[0]) for name, arrays in splits._asdict().items()}
    return found | ({"n_headline": recipe.headline_over(splits.test)} if recipe.headline_over else {})


LEARNING = ("learning_loss", "learning_valid")
"""What a run's evidence calls its learning curves."""


def curves(history: Sequence[Any], headline: str) -> dict[str, Tensor]:
    """`LEARNING` of a run's reports: `(N, 2)`, step and the losses' sum, and `(M, 2)`, step and headline on `valid`."""
    loss = [[p.step, sum(p.losses.values())] for p in history if p.losses]
    valid = [[p.step, p.valid[headline]] for p in history if p.valid]
    return dict(zip(LEARNING, (torch.tensor(rows).reshape(-1, 2) for rows in (loss, valid)), strict=True))


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
