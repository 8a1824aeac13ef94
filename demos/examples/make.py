"""Make the small inputs that ship with the project, again: `python -m demos.examples.make`."""

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from signals.drawn import MOLES, NUCLEI, cell, mole

HERE = Path(__file__).parent


def digits() -> None:
    """The first ten of scikit-learn's handwritten digits (UCI, 8 × 8, 16 greys), dark on light, scaled up."""
    folder = HERE / "digits"
    folder.mkdir(exist_ok=True)
    rows, labels = load_digits(return_X_y=True)
    for row, label in zip(np.asarray(rows)[:10], np.asarray(labels)[:10], strict=True):
        grey = Image.fromarray((255 - row.reshape(8, 8) * (255 / 16)).round().astype(np.uint8))
        framed = Image.new("L", (12, 12), 255)
        framed.paste(grey, (2, 2))
        framed.resize((144, 144), Image.Resampling.BICUBIC).save(folder / f"{label}.png", optimize=True)


def diagnose() -> None:
    """Cells and moles drawn by a seeded function, and a cat (scikit-image's Chelsea, CC0): something else entirely."""
    from skimage.data import chelsea  # comes with medmnist

    folder = HERE / "diagnose"
    folder.mkdir(exist_ok=True)
    for i, kind in enumerate(NUCLEI):
        cell(kind, seed=i).save(folder / f"cell-{kind}.png", optimize=True)
    for i, kind in enumerate(MOLES):
        mole(kind, seed=i, side=224).save(folder / f"mole-{kind}.jpg", quality=88)
    Image.fromarray(chelsea()[:, 75:375]).resize((224, 224)).save(folder / "cat.jpg", quality=88)


if __name__ == "__main__":
    digits()
    diagnose()
