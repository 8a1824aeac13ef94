"""Make the garments that ship with the latent space again: `python -m demos.latent.examples.make`."""

from pathlib import Path

from PIL import Image

from demos._ui.nets import Net
from training.recipes.vae import recipe
from training.tasks.latent import CLASSES, PICTURES

FOLDER = Path(__file__).parent


def main() -> None:
    """Of each class the first that the evidence keeps, which is the first of the test set."""
    picture_NHW = Net.pretrained(recipe).evidence["picture"]
    for name, x_HW in zip(CLASSES, picture_NHW[:: PICTURES // len(CLASSES)], strict=True):
        Image.fromarray(x_HW.numpy()).save(FOLDER / f"{name.replace(' ', '-')}.png", optimize=True)


if __name__ == "__main__":
    main()
