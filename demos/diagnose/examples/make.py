"""Make the pictures that ship with Diagnose again: `python -m demos.diagnose.examples.make`."""

from pathlib import Path

from PIL import Image
from skimage.data import chelsea  # comes with medmnist

from demos.diagnose.subjects import XRAYS, telling_films
from signals.drawn import MOLES, NUCLEI, cell, mole
from signals.image import from_rgb
from training.data import samples

FOLDER = Path(__file__).parent


def main() -> None:
    """Cells and moles drawn by a seeded function, two test films, and a cat (scikit-image's Chelsea, CC0)."""
    for i, kind in enumerate(NUCLEI):
        cell(kind, seed=i).save(FOLDER / f"cell-{kind}.png", optimize=True)
    for i, kind in enumerate(MOLES):
        mole(kind, seed=i, side=224).save(FOLDER / f"mole-{kind}.jpg", quality=88)
    with samples():
        x_B3HW = XRAYS.test()[0]
    for name, i in telling_films().items():
        if name in XRAYS.classes:  # for the home page, which is built without reading data
            from_rgb(x_B3HW[i]).convert("L").save(FOLDER / f"film-{name}.png", optimize=True)
    Image.fromarray(chelsea()[:, 75:375]).resize((224, 224)).save(FOLDER / "cat.jpg", quality=88)


if __name__ == "__main__":
    main()
