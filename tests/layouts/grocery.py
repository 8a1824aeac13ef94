"""Groceries as upstream delivers them, small: JPEG pictures in a folder a class, called by their product."""

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 40
NAMES = {
    "apple": ("Granny-Smith", "Royal-Gala"), "juice": ("Bravo-Apple-Juice",), "melon": ("Cantaloupe", "Watermelon"),
    "milk": ("Arla-Standard-Milk",), "pear": ("Anjou", "Conference"), "pepper": ("Green-Bell-Pepper",),
    "potato": ("Solid-Potato",), "tomato": ("Beef-Tomato", "Vine-Tomato"), "yoghurt": ("Arla-Natural-Yoghurt",),
}  # fmt: skip
EACH = {"train": 4, "val": 2, "test": 3}


def write(root: Path) -> Path:
    """A class can be told by its colour."""
    draw = np.random.default_rng(0)
    for folder, each in EACH.items():
        for label, (name, products) in enumerate(NAMES.items()):
            (root / "grocery" / folder / name).mkdir(parents=True, exist_ok=True)
            for i in range(each):
                pixels = draw.integers(0, 60, (SIDE, SIDE + 8 * i, 3))
                pixels += np.array([label // 3, label % 3, (label + i) % 2]) * 90
                path = root / "grocery" / folder / name / f"{products[i % len(products)]}_{i:03}.jpg"
                Image.fromarray(pixels.astype(np.uint8)).save(path, quality=90)
    return root
