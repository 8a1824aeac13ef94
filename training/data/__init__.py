"""One file per source of data; where they all lie, or what ships of them."""

from training.data._root import AtHand, at_hand, reading, samples

__all__ = ["AtHand", "at_hand", "reading", "samples"]
