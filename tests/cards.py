"""Cards for checkpoints of nets that learnt nothing: all that a card must hold, and nothing in it."""

from typing import Any

from torch import nn

from models import Card, _checkpoint

COUNTS = ("n_train", "n_valid", "n_test")


def blank(recipe: str, model: nn.Module, **facts: Any) -> Card:
    """The card of a net without a past, but for these `facts`."""
    said: dict[str, Any] = {
        "metrics": {}, "intervals": {}, "validation": {}, "parameters": 0, "bytes": 0, "weights_sha256": "",
        "budget": {
            "steps": 1, "batch_size": 1, "lr": 1.0, "seed": 0, "seconds": None, "stopped_at": 1, "best_at": 1,
        },
        "data": dict.fromkeys(("title", "address", "licence", "split", "note"), "") | dict.fromkeys(COUNTS, 7),
        "provenance": dict.fromkeys(("made", "device", "torch"), "") | {"seconds": 1.0},
    }  # fmt: skip
    config = _checkpoint.config(model)
    return Card(**{"recipe": recipe, "model": type(model).__name__, "config": config, **said, **facts})
