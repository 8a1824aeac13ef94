"""The two nets of the tab and the pictures they are asked about."""

from typing import Any

from torch import Tensor, nn

from models import _checkpoint
from models.backbone import Backbone
from models.cnn import CNN
from signals.image import to_unit
from training.data import crc_cells, ph2

Facts = dict[str, Any]
NETS: dict[str, type[nn.Module]] = {"cells_cnn": CNN, "dermoscopy": Backbone}


def trained() -> list[str]:
    """Which of the two nets have a checkpoint."""
    return [name for name in NETS if (_checkpoint.CHECKPOINTS / name / "card.json").exists()]


def pictures(name: str) -> Tensor:
    """The net's own test pictures `(B, 3, H, W)` in [0, 1]."""
    return to_unit(crc_cells.part("test")[0] if name == "cells_cnn" else ph2.splits().test[0])
