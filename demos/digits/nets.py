"""How a digit is read: the probability of each, its place on the map of every layer, and whether it is a digit at all."""

import json
import random
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from demos._ui.nets import Net
from demos._ui.widgets.pad import digit_examples
from explanation.novelty import SubspaceNovelty
from explanation.projection import Plane, layer_outputs
from models.mlp import MLP
from signals import image
from training import RESULTS, Run
from training.data import at_hand, fashion_mnist, mnist, samples
from training.tasks.digits import LAST_HIDDEN, LAYERS, familiarity, layer_maps

LAYER_NAMES = ("Pixels", "Layer 1", "Layer 2", "Layer 3", "Layer 4", "Layer 5", "Answer")
"""What the page calls the input and the outputs of `LAYERS`, in their order."""
METHODS = PCA, TSNE = ("PCA", "t-SNE")
"""Two ways to flatten a layer's outputs to a map; only the first has a place for a new digit."""
MEASURED = RESULTS / "digit_strangers.json"


@dataclass(frozen=True)
class Reading:
    """What a net made of one digit: `x_HW` (28 × 28, [0, 1]) as it saw it, `p_C`, and its place on each map `place_L2`.

    `outside` is how much of its last hidden layer's answer leads where no digit leads, 0 to 1; above `most_outside` it
    counts as a stranger.
    """

    x_HW: Tensor
    p_C: Tensor
    place_L2: Tensor
    outside: float
    most_outside: float

    @property
    def ink(self) -> float:
        """The share of pixels that are more light than dark."""
        return (self.x_HW > 0.5).double().mean().item()

    @property
    def stranger(self) -> bool:
        """Whether the picture is unlike every digit that the net has learned from."""
        return self.outside > self.most_outside


class Known(NamedTuple):
    """A test digit that stands on the board: its `data:` address, and what its writer meant."""

    address: str
    digit: int


def classify_digit(net: Net[MLP], picture: Image.Image) -> Reading:
    """Bring a picture into MNIST's form and classify it; ValueError where nothing is drawn."""
    x_HW = image.as_mnist(picture)
    layers = [x_HW.reshape(1, -1), *layer_outputs(net.model, x_HW[None], LAYERS)]
    places = [plane.place(layer)[0] for plane, layer in zip(planes(net.evidence), layers, strict=True)]
    familiar = SubspaceNovelty.kept(net.evidence)
    outside = familiar.outside(layers[1 + LAYERS.index(LAST_HIDDEN)]).item()
    return Reading(x_HW, layers[-1][0].softmax(0), torch.stack(places), outside, familiar.threshold)


def truth(address: str, known: Known | None) -> int | None:
    """What the writer meant, where an example or a test digit stands on the board."""
    if known is not None and known.address == address:
        return known.digit
    return next((i for i, example in enumerate(digit_examples()) if example["src"] == address), None)


def planes(evidence: dict[str, Tensor]) -> list[Plane]:
    """The two widest directions of every layer, by which a new digit finds its place on that layer's map."""
    return [Plane(evidence[f"plane_{i}_mean"], evidence[f"plane_{i}_axes"]) for i in range(len(LAYER_NAMES))]


def map_places(evidence: dict[str, Tensor], i: int, method: str) -> Tensor:
    """Where the test digits lie on the map of layer `i`, `(N, 2)`; ValueError where there is no t-SNE of this net."""
    if method == TSNE and "tsne" not in evidence:
        raise ValueError("t-SNE takes minutes, so it is only there for the shipped model. Choose PCA for yours.")
    return evidence["tsne" if method == TSNE else "pca"][i]


def net_with_maps(run: Run[MLP]) -> Net[MLP]:
    """The best net of a visitor's run, with its own maps (t-SNE takes too long for a click) and its own familiar digits."""
    model = run.best_model()
    maps = layer_maps(model, run.splits.test, with_tsne=False)
    return Net.from_run(run, maps | familiarity(model, run.splits).tensors())


def random_test_digit() -> Known:
    """A digit of the MNIST test set; torch's own generator belongs to whoever trains."""
    x_B1HW, label_B = at_hand(lambda: mnist.official("test")).value
    i = random.randrange(len(x_B1HW))
    return Known(image.to_data_url(Image.fromarray(x_B1HW[i, 0].numpy())), int(label_B[i]))


def random_stranger() -> str:
    """A picture of clothes, of Fashion-MNIST's test set, as a `data:` address."""
    with samples():
        x_B1HW, _ = fashion_mnist.official("test")
    return image.to_data_url(Image.fromarray(random.choice(x_B1HW)[0].numpy()))


def strangers() -> list[dict[str, Any]]:
    """How often each kind of stranger is noticed, and digits are mistaken for one, as the benchmark measured it."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))["groups"] if MEASURED.exists() else []
