"""Make the garments that ship with the latent space again: `python -m demos.latent.examples.make`."""

from pathlib import Path

from PIL import Image

from demos._ui.nets import Net
from training.recipes.vae import recipe
from training.tasks import latent
from training.tasks.latent import CLASSES

FOLDER = Path(__file__).parent


def main() -> None:
    """Of the six of each class that the evidence keeps, the one whose code lies nearest to the median of its class."""
    net = Net.pretrained(recipe)
    facts = net.evidence
    code_N2, _ = latent.codes(net.model, facts["picture"][:, None])
    kept = zip(CLASSES, code_N2.view(10, 6, 2), facts["picture"].view(10, 6, 28, 28), strict=True)
    for c, (name, code_K2, picture_KHW) in enumerate(kept):
        median_2 = facts["code"][facts["class"] == c].float().median(0).values
        x_HW = picture_KHW[int((code_K2 - median_2).square().sum(1).argmin())]
        Image.fromarray(x_HW.numpy()).save(FOLDER / f"{name.replace(' ', '-')}.png", optimize=True)


if __name__ == "__main__":
    main()
