"""The pictures of Transfer learning: groceries that ship, strangers among them, and whatever a visitor brings."""

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from torch import Tensor

from signals import image
from training.data import at_hand, grocery, samples
from training.data.grocery import CLASSES, PRODUCTS

SIDE = grocery.SIDE
SMALLEST = 32
"""Pixels of a picture's shorter side that there must be: below it there is nothing to see."""
EXAMPLES = Path(__file__).parent / "examples"
STRANGERS = {"cat.jpg": "a cat", "coffee.jpg": "a coffee"}
FIRST = "apple"
SHOWN = ("apple", "pepper", "juice", "melon", "milk", "pear", "potato", "tomato", "yoghurt")


@dataclass(frozen=True)
class Grocery:
    """A picture `x_3HW` (uint8, `SIDE` square) under its key; `label` and `product` where they are known."""

    key: str
    x_3HW: Tensor
    label: int | None = None
    product: str = ""


def example(key: str) -> Grocery:
    """One of the pictures on the page, by its key; ValueError where it is none of them."""
    if key in STRANGERS:
        return Grocery(key, image.square(image.read(EXAMPLES / key), SIDE))
    if key not in SHOWN:
        raise ValueError("This is none of the pictures on the page: choose one of them.")
    with samples():
        path, label = next((path, label) for path, label in grocery.found("test") if CLASSES[label] == key)
    return _of(path, label, key)


def random_test_grocery() -> Grocery:
    """A picture of the test set, of the whole where that is here; DataMissing where there is none."""
    path, label = random.choice(at_hand(lambda: grocery.found("test")).value)  # torch's generator is a training's
    return _of(path, label, f"test {path.name}")


def upload(path: str) -> Grocery:
    """A visitor's own picture; ValueError in a visitor's words where the file cannot be read."""
    picture = image.read(path)
    if min(picture.size) < SMALLEST:
        raise ValueError(
            f"This picture has {picture.width} × {picture.height} pixels: too few to see anything in. Bring one of "
            f"{SMALLEST} × {SMALLEST} at the least."
        )
    return Grocery("upload", image.square(picture, SIDE))


def _of(path: Path, label: int, key: str) -> Grocery:
    product = PRODUCTS[grocery.product(path)].replace("-", " ")
    return Grocery(key, image.square(image.read(path), SIDE), label, product)


@lru_cache(maxsize=1)
def training_samples() -> tuple[Tensor, Tensor]:
    """The training pictures that ship, `(B, 3, SIDE, SIDE)` uint8, and their labels: the same on every machine."""
    with samples():
        x_B3HW, label_B, _ = grocery.pictures(SIDE).train
    return x_B3HW, label_B
