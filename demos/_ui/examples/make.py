"""Make the digits that ship with the pad again: `python -m demos._ui.examples.make`."""

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

FOLDER = Path(__file__).parent


def main() -> None:
    """The first ten of scikit-learn's handwritten digits (UCI, 8 × 8, 16 greys), dark on light, scaled up."""
    rows, labels = load_digits(return_X_y=True)
    for row, label in zip(np.asarray(rows)[:10], np.asarray(labels)[:10], strict=True):
        grey = Image.fromarray((255 - row.reshape(8, 8) * (255 / 16)).round().astype(np.uint8))
        framed = Image.new("L", (12, 12), 255)
        framed.paste(grey, (2, 2))
        framed.resize((144, 144), Image.Resampling.BICUBIC).save(FOLDER / f"{label}.png", optimize=True)


if __name__ == "__main__":
    main()
