"""Small photographs as upstream delivers them: BSDS500, Set5, Set14, Oxford-IIIT Pet; and a folder of one's own."""

from pathlib import Path

import numpy as np
from PIL import Image

SIZES = {
    "BSDS500/train": (12, ".jpg"),
    "BSDS500/test": (3, ".jpg"),
    "Set5": (2, ".png"),
    "Set14": (2, ".png"),
    "pictures": (10, ".png"),
}
"""How many pictures of which kind."""
PETS = {"trainval": 4, "test": 2}


def write(root: Path) -> Path:
    for seed, (folder, (n, ending)) in enumerate(SIZES.items()):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            scene(48 + i, 40, seed=100 * seed + i).save(root / folder / f"img_{i:03}{ending}")
    pets(root)
    return root


def pets(root: Path) -> None:
    """JPEG pictures, and lists of their names with class, species and breed, as torchvision unpacks them."""
    folder = root / "oxford-iiit-pet"
    for name in ("images", "annotations"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for part, n in PETS.items():
        names = [f"{part}_cat_{i + 1}" for i in range(n)]
        for seed, name in enumerate(names):
            scene(70, 60, seed=seed).save(folder / "images" / f"{name}.jpg")
        lines = "".join(f"{name} 1 1 1\n" for name in names)
        (folder / "annotations" / f"{part}.txt").write_text(lines, encoding="utf-8")


def scene(width: int, height: int, *, seed: int) -> Image.Image:
    """Soft hills of colour, crossed by a few sharp edges."""
    draw = np.random.default_rng(seed)
    row, column = np.mgrid[:height, :width]
    pixels = np.zeros((height, width, 3))
    for colour in range(3):
        down, across, phase = [*draw.uniform(-0.4, 0.4, 2), draw.uniform(0, 6)]
        pixels[..., colour] = 120 + 60 * np.sin(down * row + across * column + phase)
    edge = draw.uniform(-1, 1, 2) @ np.stack([row - height / 2, column - width / 2]).reshape(2, -1)
    pixels += 60 * (edge.reshape(height, width, 1) > 0)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
