"""Pictures of noise and nets with random weights, so that nothing depends on what was trained."""

import numpy as np
import torch
from PIL import Image
from torch import nn

from demos._ui.nets import Net
from demos.super_resolution.nets import OURS, RECIPES, Picture
from models.super_resolution import SubPixelNet

DRAW = np.random.default_rng(0)


def noise(width: int, height: int, mode: str = "RGB") -> Picture:
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = DRAW.integers(0, 255, (height, width, channels), dtype=np.uint8)
    return Picture.of(Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode), "noise")


def own() -> Net[nn.Module]:
    """A visitor's net of the kind that answers first."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = SubPixelNet(channels=6, pairs=2)
        torch.nn.init.normal_(model.head.weight, std=0.05)
    return Net(RECIPES[OURS], model.eval(), {}, "made", own=True)
