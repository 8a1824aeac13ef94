"""Make the glands that ship with the page again: `python -m demos.volumes.examples.make`."""

import numpy as np

from demos.volumes.shapes import EDGE, FLAG, GLANDS, NUMBERS
from training.data import medmnist, samples


def main() -> None:
    """The glands of `NUMBERS`, a bit a voxel, with their labels."""
    with samples():
        x_B1DHW, label_B, _ = medmnist.part(FLAG, "test", size=EDGE)
    chosen = list(NUMBERS)
    bits = np.packbits(x_B1DHW[chosen, 0].numpy() > 0, axis=-1)
    np.savez_compressed(GLANDS, number=np.array(chosen), label=label_B[chosen].numpy(), bits=bits)


if __name__ == "__main__":
    main()
