"""What happens inside: first weights, what each layer's places see and show, and where the convolutional net looked."""

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from demos._ui.nets import Net
from demos._ui.small_pictures import Picture
from demos.cifar10 import nets
from demos.cifar10.nets import CNN, PERCEPTRON, Own
from explanation import faithfulness
from explanation.gradcam import gradcam
from explanation.projection import layer_outputs
from explanation.receptive_field import PIXELS, Field, effective_field
from models.whitened import PATCH, WhitenedCNN
from signals.image import to_unit
from training.recipes import cifar_cnn_course

TEMPLATES, FILTERS, MAPS = 32, 32, 12
"""How many first weights of each net, and how many maps of a layer, are shown."""
HOTTEST, ROUNDS = 0.2, 8
"""The share of a picture that a check of a heat map removes, and how many maps laid down elsewhere it is held against."""
BY_CHANCE = 0.02
"""Points of probability by which removing what is hot must cost more than removing as much elsewhere."""


class FirstWeights(NamedTuple):
    """What each net lays over a picture first, `(N, 3, H, W)`, and how many it has; None where there is no net."""

    template_N3HW: Tensor | None
    templates: int
    patch_N3HW: Tensor | None
    filter_N3HW: Tensor | None
    filters: int


class Look(NamedTuple):
    """One layer of the convolutional net at work on one picture.

    `fields` are of all layers, `place` the middle place of this one; `effective_HW` which pixels move it; `map_NHW` the
    strongest of its `channels` maps, each `side` places wide.
    """

    depth: int
    fields: list[Field]
    place: int
    effective_HW: Tensor
    map_NHW: Tensor
    channels: int
    side: int


class Heat(NamedTuple):
    """Where the net looked for class `name`, `(H, W)`, and its check: the probability before, without what is hot, and
    without as much elsewhere."""

    heat_HW: Tensor
    name: str
    before: float
    after: float
    random: float

    @property
    def silent(self) -> bool:
        """Nothing is hot: there is no map to check."""
        return not bool(self.heat_HW.max() > 0)

    @property
    def holds(self) -> bool:
        return not self.silent and self.random - self.after > BY_CHANCE


# First weights


def first_weights(own: Own) -> FirstWeights:
    """Of the pair that answers, and of the course work's convolutional net, whose first filters are learnt."""
    template = patch = filters = None
    templates = count = 0
    for kind in (PERCEPTRON, CNN):
        try:
            model = nets.net_of(kind, own).model
        except nets.TROUBLE:
            continue
        if isinstance(model, WhitenedCNN):
            patch = model.whitening.directions[: model.whitening.outputs // 2].detach()
        else:
            template, templates = strongest(model.stem.weight.detach().view(-1, 3, model.side, model.side), TEMPLATES)
    if nets.card_of(cifar_cnn_course.recipe) is not None:
        model = Net.pretrained(cifar_cnn_course.recipe).model
        filters, count = strongest(next(p for p in model.parameters() if p.ndim == 4).detach(), FILTERS)
    return FirstWeights(template, templates, patch, filters, count)


def strongest(weight_N3HW: Tensor, n: int) -> tuple[Tensor, int]:
    """Those `n` whose weights are the longest, the longest first, and how many there are."""
    order_N = weight_N3HW.flatten(1).norm(dim=1).argsort(descending=True)
    return weight_N3HW[order_N[:n]], len(weight_N3HW)


# Layers


def fields(model: WhitenedCNN) -> list[Field]:
    """What a place of each of the net's layers sees."""
    found = [PIXELS.after(PATCH)]
    for _ in model.groups:
        found.append(found[-1].after(3, padding=1).after(2, stride=2))
        found.append(found[-1].after(3, padding=1))
    return found


def look(picture: Picture, depth: float, own: Own) -> Look:
    """Layer `depth`, counted from 1, on a picture; CheckpointMissing, CheckpointDamaged."""
    model, x_1CHW = nets.net_of(CNN, own).model, to_unit(picture.x_3HW)[None]
    layers = model.layers()
    at = min(max(1, round(depth)), len(layers))
    layer = layers[at - 1]
    (y_1CHW,) = layer_outputs(model, x_1CHW, [layer], summary=lambda y: y)
    y_CHW = y_1CHW[0]
    order_C = y_CHW.flatten(1).std(1).argsort(descending=True)
    effective_HW = effective_field(model, layer, x_1CHW)[0]
    side = y_CHW.shape[-1]
    return Look(at, fields(model), side // 2, effective_HW, y_CHW[order_C[:MAPS]], len(y_CHW), side)


def heat(picture: Picture, name: str, own: Own) -> Heat:
    """Grad-CAM for the class called `name`, or for the net's answer, at the last layer, with its check.

    On 40 test pictures the last layer's map held on 37, those of the six before it on 10 to 18.
    """
    net = nets.net_of(CNN, own)
    classes, x_1CHW = nets.classes_of(net), to_unit(picture.x_3HW)[None]
    score = torch.no_grad()(partial(nets.probabilities, net))
    target = classes.index(name) if name in classes else int(score(x_1CHW)[0].argmax())
    heat_1HW = gradcam(net.model, net.model.layers()[-1], x_1CHW, target)
    found = faithfulness.probe(score, x_1CHW, heat_1HW, target, share=HOTTEST, rounds=ROUNDS)
    return Heat(heat_1HW[0], classes[target], found.before_B.item(), found.after_B.item(), found.random_B.item())
