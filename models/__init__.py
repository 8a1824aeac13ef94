"""One file per architecture; a leading underscore is machinery."""

from models._checkpoint import Card, Checkpoint, CheckpointDamaged, CheckpointMissing, load, load_cached
from models._streaming import FrameNet, Stream, spectra

__all__ = [
    "Card",
    "Checkpoint",
    "CheckpointDamaged",
    "CheckpointMissing",
    "FrameNet",
    "Stream",
    "load",
    "load_cached",
    "spectra",
]
