"""Writes the home page's two pictures: the first example as either kind of scan, in grey.

python -m demos.translation.examples.make
"""

from pathlib import Path

from PIL import Image

from demos.translation import nets


def main() -> None:
    for name, x_HW in nets.example(nets.FIRST).source.items():
        Image.fromarray(x_HW.numpy()).save(Path(__file__).with_name(f"{name}.png"), optimize=True)


if __name__ == "__main__":
    main()
