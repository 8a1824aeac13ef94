"""Make the pictures that ship with Diagnose again: `python -m demos.diagnose.examples.make`."""

from pathlib import Path

from PIL import Image
from skimage.data import chelsea  # comes with medmnist

from signals.drawn import MOLES, NUCLEI, cell, mole

FOLDER = Path(__file__).parent


def main() -> None:
    """Cells and moles drawn by a seeded function, and a cat (scikit-image's Chelsea, CC0): something else entirely."""
    for i, kind in enumerate(NUCLEI):
        cell(kind, seed=i).save(FOLDER / f"cell-{kind}.png", optimize=True)
    for i, kind in enumerate(MOLES):
        mole(kind, seed=i, side=224).save(FOLDER / f"mole-{kind}.jpg", quality=88)
    Image.fromarray(chelsea()[:, 75:375]).resize((224, 224)).save(FOLDER / "cat.jpg", quality=88)


if __name__ == "__main__":
    main()
