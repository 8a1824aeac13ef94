"""The nets of the tab and the pictures they are asked about."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from models import _checkpoint
from models.backbone import Backbone
from models.cnn import CNN
from signals.image import to_unit
from training.data import crc_cells, medmnist, ph2

Facts = dict[str, Any]
NETS: dict[str, type[nn.Module]] = {
    "pneumonia_cnn": CNN,
    "pneumonia_transfer": Backbone,
    "cells_cnn": CNN,
    "dermoscopy": Backbone,
}
TEST: dict[str, Callable[[], Tensor]] = {
    "pneumonia_cnn": lambda: medmnist.part("pneumoniamnist", "test")[0],
    "pneumonia_transfer": lambda: medmnist.part("pneumoniamnist", "test")[0],
    "cells_cnn": lambda: crc_cells.part("test")[0],
    "dermoscopy": lambda: ph2.splits().test[0],
}


def trained() -> list[str]:
    """Which of the nets have a checkpoint."""
    return [name for name in NETS if (_checkpoint.CHECKPOINTS / name / "card.json").exists()]


def pictures(name: str) -> Tensor:
    """The net's own test pictures `(B, 3, H, W)` in [0, 1]."""
    return to_unit(TEST[name]())
