"""The nets that are made smaller here: what each reads, how it may be cut, and by whom its cuts are taught."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from compression.lowrank import Compressed, Factorisation
from models import is_here
from training import Recipe, catalogue
from training.data import at_hand, cifar10, mnist
from training.recipes import cifar_cnn, mnist_cnn, mnist_mlp, mnist_mlp_rank20
from training.tasks import digits

METHODS = PLAIN, WHITENED, TAUGHT = ("Cut", "Cut with care", "Cut and taught")
"""Singular values cut plainly; by what they do to training pictures (whitened); and a cut net taught by the whole one."""
NUMBERS = FLOAT, BYTE = ("32-bit numbers", "8-bit numbers")


@dataclass(frozen=True)
class Subject:
    """A net that is made smaller here; told from others by its title.

    `things` is what its test set holds, `picture` an empty one `(1, C, H, W)`, `opens` the size, method and numbers at
    which it is shown. Whoever has a `teaching` recipe can be taught on this page; whoever has none keeps its cuts with
    care beside its weights, since its training pictures may not ship.
    """

    title: str
    recipe: Recipe[Any] = field(compare=False)
    things: str = field(compare=False)
    classes: tuple[str, ...] = field(compare=False)
    picture: Tensor = field(compare=False)
    opens: tuple[str, str, str] = field(compare=False)
    teaching: Recipe[Compressed] | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The checkpoint's."""
        return self.recipe.name

    @property
    def architecture(self) -> str:
        """The class of the net, as `Compressed` names it."""
        model: Any = self.recipe.model.func
        return f"{model.__module__}.{model.__qualname__}"

    def taught(self) -> dict[str, Recipe[Compressed]]:
        """The nets that this one has taught and that are here, each with ranks of its own."""
        found = {name: recipe for name, recipe in catalogue().items() if recipe.model.func is Compressed}
        return {
            name: recipe
            for name, recipe in found.items()
            if recipe.model.keywords["architecture"] == self.architecture and is_here(name)
        }

    def apart(self, model: nn.Module, method: str) -> Factorisation:
        """The net taken apart once; by training pictures, those of the samples where there are no others, unless plainly."""
        if method == PLAIN:
            return Factorisation(model, method="plain")
        train = at_hand(mnist.splits).value.train
        return Factorisation(model, mnist_mlp_rank20.calibration(train), method="whitened")


def teacher(recipe: Recipe[Any], device: torch.device) -> nn.Module:
    """The whole net, in evaluation mode: `distillation_step`'s `teacher`. A visitor's training stays on the processor."""
    return recipe.checkpoint().model.to(device)


def taught_by(recipe: Recipe[Any]) -> Recipe[Compressed]:
    """What `mnist_mlp_rank20` does, with another teacher."""
    step = partial(digits.distillation_step, teacher=partial(teacher, recipe))
    return replace(mnist_mlp_rank20.recipe, step=step)


DIGITS = tuple("0123456789")
PERCEPTRON = Subject(
    "Digits, a perceptron", mnist_mlp.recipe, "digits", DIGITS, torch.zeros(1, 1, 28, 28),
    ("mnist_mlp_x93", TAUGHT, BYTE), mnist_mlp_rank20.recipe,
)  # fmt: skip
CONVOLUTIONAL = Subject(
    "Digits, convolutions", mnist_cnn.recipe, "digits", DIGITS, torch.zeros(1, 1, 28, 28),
    ("30.0%", WHITENED, BYTE), taught_by(mnist_cnn.recipe),
)  # fmt: skip
COLOUR = Subject(
    "Colour pictures, convolutions", cifar_cnn.recipe, "pictures", cifar10.CLASSES, torch.zeros(1, 3, 32, 32),
    ("20.0%", WHITENED, BYTE),
)  # fmt: skip
SUBJECTS = {subject.title: subject for subject in (PERCEPTRON, CONVOLUTIONAL, COLOUR)}


def subject_of(title: str) -> Subject:
    """The net called so on the page; ValueError where there is none."""
    if title not in SUBJECTS:
        raise ValueError("There is no such net here. Choose one of those that are offered.")
    return SUBJECTS[title]
