"""Photographs inside scikit-image: what super-resolution is trained and tried on where nothing else may ship."""

from functools import cache
from importlib.resources import files

from PIL import Image

from training._recipe import Source, Splits
from training.data import pictures

SOURCE = Source(
    title="photographs inside scikit-image",
    address="https://github.com/scikit-image/scikit-image/tree/main/skimage/data",
    licence="CC0 or public domain, listed file by file in the package",
    split="by picture: the cat and the rocket are tested, the coffee validates, the others train",
    note="Nine pictures, some through a microscope or a telescope: enough to see a net learn, not to measure one.",
)
TRAIN = (
    "astronaut.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
)
VALID = ("coffee.png",)
TEST = ("chelsea.png", "rocket.jpg")


def splits() -> Splits:
    """Train: tiles `(sharp_B3HW, small_B3hw)` uint8. Valid and test: whole pictures, as `pictures.whole` gives them."""
    train, valid, test = ([photograph(name) for name in part] for part in (TRAIN, VALID, TEST))
    return Splits(pictures.tiles(train), pictures.whole([valid]), pictures.whole([test]))


@cache
def photograph(name: str) -> Image.Image:
    """One of the package's pictures, in colour."""
    with files("skimage").joinpath("data", name).open("rb") as file:
        return pictures.even(Image.open(file).convert("RGB"))
