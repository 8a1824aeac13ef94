"""One file per architecture; a leading underscore is machinery."""

from models._card import Card, CheckpointDamaged, CheckpointMissing
from models._checkpoint import Checkpoint, is_here, load, load_cached
from models._streaming import FrameNet, Stream, spectra

__all__ = [
    "Card",
    "Checkpoint",
    "CheckpointDamaged",
    "CheckpointMissing",
    "FrameNet",
    "Stream",
    "is_here",
    "load",
    "load_cached",
    "spectra",
]
