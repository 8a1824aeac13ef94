"""Make the digits that ship with the pad again: `python -m demos._ui.examples.make`."""

from pathlib import Path

from PIL import Image

from demos._ui.nets import Net
from explanation.novelty import SubspaceNovelty
from explanation.projection import layer_outputs
from signals.image import to_unit
from training.data import mnist, samples
from training.recipes.mnist_mlp import recipe
from training.tasks.digits import LAST_HIDDEN

FOLDER = Path(__file__).parent


def main() -> None:
    """Of each digit the first in the sampled test set that the shipped net reads right and takes for a digit."""
    net = Net.pretrained(recipe)
    with samples():
        x_B1HW, label_B = mnist.official("test")
    last_BD, logit_BC = layer_outputs(net.model, to_unit(x_B1HW), [LAST_HIDDEN, "head"])
    familiar = SubspaceNovelty.kept(net.evidence)
    fit_B = (logit_BC.argmax(1) == label_B) & (familiar.outside(last_BD) < familiar.threshold)
    for digit in range(10):
        first = int((fit_B & (label_B == digit)).nonzero()[0])
        Image.fromarray(x_B1HW[first, 0].numpy()).save(FOLDER / f"{digit}.png", optimize=True)


if __name__ == "__main__":
    main()
