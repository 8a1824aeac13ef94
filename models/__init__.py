"""One file per architecture; a leading underscore is machinery."""

from models._checkpoint import Card, Checkpoint, CheckpointDamaged, CheckpointMissing, load, load_cached

__all__ = ["Card", "Checkpoint", "CheckpointDamaged", "CheckpointMissing", "load", "load_cached"]
