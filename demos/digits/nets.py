"""How a digit is read: the probability of each, and where it lies on the map of every layer among the test digits."""

import random
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from demos._ui.nets import Net
from explanation.projection import Plane, layer_outputs
from models.mlp import MLP
from signals import image
from training import DataDamaged, DataMissing, Run
from training.data import at_hand, mnist, reading
from training.tasks.digits import LAYERS, layer_maps

LAYER_NAMES = ("Pixels", "Layer 1", "Layer 2", "Layer 3", "Layer 4", "Layer 5", "Answer")
"""What the page calls the input and the outputs of `LAYERS`, in their order."""
METHODS = PCA, TSNE = ("PCA", "t-SNE")
"""Two ways to flatten a layer's outputs to a map; only the first has a place for a new digit."""


@dataclass(frozen=True)
class Reading:
    """What a net made of one digit: `x_HW` (28 × 28, [0, 1]) as it saw it, `p_C`, and its place on each map `place_L2`."""

    x_HW: Tensor
    p_C: Tensor
    place_L2: Tensor

    @property
    def ink(self) -> float:
        """The share of pixels that are more light than dark."""
        return (self.x_HW > 0.5).double().mean().item()


def classify_digit(net: Net[MLP], picture: Image.Image) -> Reading:
    """Bring a picture into MNIST's form and classify it; ValueError where nothing is drawn."""
    x_HW = image.as_mnist(picture)
    layers = [x_HW.reshape(1, -1), *layer_outputs(net.model, x_HW[None], LAYERS)]
    places = [plane.place(layer)[0] for plane, layer in zip(planes(net.evidence), layers, strict=True)]
    return Reading(x_HW, layers[-1][0].softmax(0), torch.stack(places))


def planes(evidence: dict[str, Tensor]) -> list[Plane]:
    """The two widest directions of every layer, by which a new digit finds its place on that layer's map."""
    return [Plane(evidence[f"plane_{i}_mean"], evidence[f"plane_{i}_axes"]) for i in range(len(LAYER_NAMES))]


def map_places(evidence: dict[str, Tensor], i: int, method: str) -> Tensor:
    """Where the test digits lie on the map of layer `i`, `(N, 2)`; ValueError where there is no t-SNE of this net."""
    if method == TSNE and "tsne" not in evidence:
        raise ValueError("t-SNE takes minutes, so it is only there for the shipped model. Choose PCA for yours.")
    return evidence["tsne" if method == TSNE else "pca"][i]


def net_with_maps(run: Run[MLP]) -> Net[MLP]:
    """The best net of a visitor's run, with its own maps (t-SNE takes too long for a click)."""
    return Net.from_run(run, layer_maps(run.best_model(), run.splits.test, with_tsne=False))


def test_pictures() -> Tensor | None:
    """The whole test set `x_B1HW` uint8 where it is on this machine; nothing is downloaded for the sake of a picture."""
    try:
        with reading("root as it is"):
            return mnist.official("test")[0]
    except (DataMissing, DataDamaged):
        return None


def random_test_digit() -> str:
    """A random digit of the MNIST test set, on the pad."""
    x_B1HW = at_hand(lambda: mnist.official("test")).value[0]
    picture = Image.fromarray(random.choice(x_B1HW)[0].numpy())  # torch's own generator belongs to whoever trains
    return image.to_data_url(picture.resize((280, 280), Image.Resampling.NEAREST))
