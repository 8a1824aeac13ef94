"""Pictures that nobody had in view when the warnings of Digits and Scan translation were made.

What such a warning catches is quoted on them. Each kind is drawn by one seed from its own test split, where that is at
hand; DataMissing where not.
"""

from collections.abc import Iterator
from random import Random

import numpy as np
from PIL import Image
from torch import Tensor

from signals.image import read
from training.data import crc_cells, fashion_mnist, medmnist, pictures
from training.data._root import DataMissing, root

EACH = 200
"""Pictures of a kind, at most."""
Pictures = Iterator[Image.Image]


def clothes() -> Pictures:
    """Fashion-MNIST's, 28 × 28, grey."""
    return _some(fashion_mnist.official("test")[0])


def cells() -> Pictures:
    """Stained colon cells, 27 × 27, in colour."""
    return _some(crc_cells.part("test")[0])


def chests() -> Pictures:
    """PneumoniaMNIST's X-rays, 28 × 28, grey."""
    return _some(medmnist.part("pneumoniamnist", "test")[0])


def groceries() -> Pictures:
    """Fruit, vegetables and cartons in a shop, photographs in colour."""
    paths = pictures.found(root() / "grocery" / "test")
    if not paths:
        raise DataMissing(f"{root() / 'grocery' / 'test'} holds no pictures: put the Grocery Store Dataset's there")
    return (read(path) for path in Random(0).sample(paths, min(EACH, len(paths))))


def _some(x_BCHW: Tensor) -> Pictures:
    for i in Random(0).sample(range(len(x_BCHW)), min(EACH, len(x_BCHW))):
        x_HWC = np.moveaxis(x_BCHW[i].numpy(), 0, 2)
        yield Image.fromarray(x_HWC[..., 0] if x_HWC.shape[2] == 1 else x_HWC)
