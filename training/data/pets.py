"""Oxford-IIIT Pet: cats and dogs as material for super-resolution, 256 pixels sharp and 128 small."""

from functools import cache
from pathlib import Path

from PIL import Image

from signals.image import read
from training._recipe import Source, Splits
from training.data import pictures
from training.data._root import DataDamaged, fetching, root

SOURCE = Source(
    title="Oxford-IIIT Pet, 256 / 128",
    address="https://www.robots.ox.ac.uk/~vgg/data/pets/",
    licence="CC BY-SA 4.0",
    split="official; every tenth trainval picture validates, up to 100; the first 500 of test",
    note="Middle squares, reduced to 256 pixels (Parkhi et al. 2012): the sharp picture is itself a reduced one.",
)
SIDE = 256
VALID, TEST = 100, 500
FOLDER = "oxford-iiit-pet"


def splits() -> Splits:
    """Train: `(sharp_B3HW, small_B3hw)` uint8. Valid and test: as `pictures.whole` gives them.

    torchvision downloads it where it is not here. DataMissing, DataDamaged.
    """
    return _splits(_folder())


def _folder() -> Path:
    folder = root() / FOLDER
    if all((folder / "annotations" / f"{name}.txt").exists() for name in ("trainval", "test")):
        return folder
    with fetching(folder, f"{SOURCE.title} ({SOURCE.address})"):
        from torchvision.datasets import OxfordIIITPet  # a second to import

        OxfordIIITPet(root(), split="trainval", download=True)  # both archives, checked against their md5
    return folder


@cache
def _splits(folder: Path) -> Splits:
    trainval, test = (_listed(folder, name) for name in ("trainval", "test"))
    valid = trainval[::10][:VALID]
    held_out = set(valid)
    train = [path for path in trainval if path not in held_out]
    return Splits(
        pictures.tiles(map(_square, train), side=SIDE, smaller=(1.0,)),
        pictures.whole([[_square(path) for path in valid]]),
        pictures.whole([[_square(path) for path in test[:TEST]]]),
    )


def _listed(folder: Path, name: str) -> list[Path]:
    lines = (folder / "annotations" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [folder / "images" / f"{line.split()[0]}.jpg" for line in lines if line.strip()]


def _square(path: Path) -> Image.Image:
    """The middle square at 256 pixels."""
    try:
        picture = read(path)
    except (OSError, ValueError) as error:
        raise DataDamaged(
            f"{path} is damaged ({error}). Delete {path.parents[1]} and run the command again."
        ) from error
    length = min(picture.size)
    left, top = (picture.width - length) // 2, (picture.height - length) // 2
    box = (left, top, left + length, top + length)
    return picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)
