"""What perceptrons and convolutional nets say of one picture: as it is, shifted in every way, scrambled; and how good they are.

Pictures are uint8 tensors `(3, H, W)`.

Dimension key:  S shifts along one direction (`1 + 2 REACH`)   C classes
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from demos._ui.nets import Net, active
from demos._ui.small_pictures import Picture, seen
from explanation.novelty import energy
from metrics.classification import accuracy
from models import Card, CheckpointDamaged, CheckpointMissing, _checkpoint
from models.scrambled import Scrambled
from signals.image import from_rgb, to_unit
from signals.scramble import BLOCKS
from training import RESULTS, Recipe, Run, fast, find
from training.data import at_hand, grocery
from training.data import cifar10 as data
from training.data.cifar10 import CLASSES
from training.recipes import cifar_cnn, cifar_cnn_course, cifar_mlp, cifar_mlp_course, cifar_mlp_course_small
from training.tasks import cifar10 as task

PERCEPTRON, CNN = KINDS = ("Perceptron", "Convolutional net")
PAIR: dict[str, Recipe[Any]] = {PERCEPTRON: cifar_mlp.recipe, CNN: cifar_cnn.recipe}
"""The two that answer side by side: the best of each kind."""
COURSE: tuple[Recipe[Any], ...] = (cifar_cnn_course.recipe, cifar_mlp_course.recipe, cifar_mlp_course_small.recipe)
REACH = 8
"""Pixels by which a picture is shifted, at most, either way."""
KNOWN = 0.97
"""A picture to which more of the validation pictures than this share are answered more clearly counts as a stranger."""
MEASURED = RESULTS / "cifar_strangers.json"
TROUBLE = (CheckpointMissing, CheckpointDamaged)
Own = Net[Any] | None


@dataclass(frozen=True)
class Answer:
    """What one net says of a picture: `p_C`, calibrated, of `classes`."""

    kind: str
    net: Net[Any]
    p_C: Tensor
    classes: tuple[str, ...]

    @property
    def said(self) -> str:
        """The class that it finds likeliest."""
        return self.classes[int(self.p_C.argmax())]


class Strange(NamedTuple):
    """Of pictures that the net knows the kind of, the share to which it answers more clearly than to this one."""

    share: float

    @property
    def is_stranger(self) -> bool:
        return self.share > KNOWN


def net_of(kind: str, own: Own) -> Net[Any]:
    """The net of a kind: the visitor's where it is one, else the shipped; CheckpointMissing, CheckpointDamaged."""
    return active(PAIR[kind], own)


def own_net(run: Run[Any]) -> Net[Any]:
    """The best net of a visitor's run, with what it needs to answer here; one that learnt groceries says so."""
    model = run.best_model()
    facts = {"energies": task.energies(model, run.splits.valid[0]), "groceries": torch.tensor(run.sampled)}
    return Net.from_run(run, facts)


def classes_of(net: Net[Any]) -> tuple[str, ...]:
    """What a net can say: CIFAR-10's ten classes, or a visitor's own net's nine kinds of groceries."""
    return grocery.CLASSES if bool(net.evidence.get("groceries", False)) else CLASSES


def probabilities(net: Net[Any], x_BCHW: Tensor) -> Tensor:
    """Calibrated `(B, C)` of pictures in [0, 1]."""
    logit_BC = net.model(x_BCHW.contiguous(memory_format=torch.channels_last))
    return _calibrated(net, logit_BC)


def _calibrated(net: Net[Any], logit_BC: Tensor) -> Tensor:
    degree = net.evidence.get("temperature", 1.0)
    return (logit_BC[:, : len(classes_of(net))] / degree).softmax(1)


def answers(picture: Picture, own: Own) -> dict[str, Answer | Exception]:
    """By kind, each net's answer, or why there is none."""
    found: dict[str, Answer | Exception] = {}
    for kind in KINDS:
        try:
            net = net_of(kind, own)
        except TROUBLE as error:
            found[kind] = error
            continue
        with torch.no_grad():
            found[kind] = Answer(kind, net, probabilities(net, to_unit(picture.x_3HW)[None])[0], classes_of(net))
    return found


def strangeness(picture: Picture, own: Own) -> Strange | None:
    """How unclearly the convolutional net answers, else the perceptron; None without either (see `energy`)."""
    for kind in (CNN, PERCEPTRON):
        with suppress(*TROUBLE):
            net = net_of(kind, own)
            return Strange(stranger_shares(net, picture.x_3HW[None]).item())
    return None


def data_is_here() -> bool:
    """Whether there are test pictures of CIFAR-10 on this machine."""
    return data.is_here()


def random_test_picture() -> Picture:
    """A picture of the official test set; ValueError where it is not here."""
    if not data.is_here():
        raise ValueError(
            "CIFAR-10 is not on this machine, and may not be handed on: choose an example, or upload a picture."
        )
    x_B3HW, label_B = at_hand(lambda: data.official("test")).value
    i = random.randrange(len(label_B))  # torch's own generator belongs to whoever trains
    return seen(from_rgb(x_B3HW[i]), f"Test picture {i:,}", CLASSES[int(label_B[i])])


@torch.no_grad()
def stranger_shares(net: Net[Any], x_B3HW: Tensor) -> Tensor:
    """`(B,)`: `Strange.share` of 8-bit pictures."""
    below_B101 = net.evidence["energies"] < energy(task.predict_logits(net.model, x_B3HW))[:, None]
    return below_B101.double().mean(1)


# Shifted


def shifts(x_3HW: Tensor) -> Tensor:
    """`(S², 3, H, W)` uint8: the picture moved by −`REACH` to `REACH` pixels, right and down; a row of those for each down."""
    padded_13HW = F.pad(x_3HW[None].float(), (REACH,) * 4, mode="replicate").byte()
    side = x_3HW.shape[1]
    window_3SSHW = padded_13HW[0].unfold(1, side, 1).unfold(2, side, 1)
    return window_3SSHW.permute(1, 2, 0, 3, 4).flip(0, 1).flatten(0, 1)  # what lies far left is a picture moved right


@torch.no_grad()
def shifted(kind: str, picture: Picture, own: Own) -> Tensor:
    """`(S, S, C)`: what a net says of the picture moved down (first) and right by −`REACH` to `REACH` pixels.

    In the fast precision: nearly 300 pictures through a convolutional net are a second's work in the other.
    """
    net, side = net_of(kind, own), 1 + 2 * REACH
    x_BCHW = to_unit(shifts(picture.x_3HW)).contiguous(memory_format=torch.channels_last)
    return _calibrated(net, fast(net.model, x_BCHW)).view(side, side, -1)


def right_when_shifted() -> dict[str, Tensor]:
    """By kind, the share `(S,)` of test pictures that the shipped net names rightly when they are shifted sideways."""
    found = {}
    for kind, recipe in PAIR.items():
        with suppress(*TROUBLE):
            found[kind] = Net.pretrained(recipe).evidence["shifted"]
    return found


# Scrambled


def scrambled_recipe(kind: str, block: int) -> Recipe[Scrambled]:
    """The small net of a kind that learnt from pictures scrambled within blocks of `block` pixels."""
    return find(f"cifar_{'mlp' if kind == PERCEPTRON else 'cnn'}_scrambled_{block}")


@torch.no_grad()
def scrambled(picture: Picture) -> dict[str, list[tuple[str, float] | None]]:
    """By kind, what each of the six small nets calls the picture and how sure it is; None where one is not trained."""
    found: dict[str, list[tuple[str, float] | None]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        for block in BLOCKS:
            try:
                model = Net.pretrained(scrambled_recipe(kind, block)).model
            except TROUBLE:
                found[kind].append(None)
                continue
            p_C = model(to_unit(picture.x_3HW)[None])[0].softmax(0)
            found[kind].append((CLASSES[int(p_C.argmax())], p_C.max().item()))
    return found


def scrambled_cards() -> dict[str, list[Card | None]]:
    """By kind, the cards of the six small nets, None for one that is not trained."""
    return {kind: [card_of(scrambled_recipe(kind, block)) for block in BLOCKS] for kind in KINDS}


# How good they are


class Score(NamedTuple):
    """A shipped net on test: `right` of `n` named rightly, with flips, without the pictures that have a twin in training.

    `low` and `high` are the 95 % interval of the first; `right_C` is of each class. None where it is not known.
    """

    recipe: Recipe[Any]
    card: Card
    right: float
    low: float
    high: float
    with_flips: float | None
    without_twins: float | None
    right_C: Tensor


def card_of(recipe: Recipe[Any]) -> Card | None:
    """The card of a recipe's checkpoint, if there is one."""
    with suppress(*TROUBLE):
        return _checkpoint.card(recipe.name)
    return None


def scores() -> list[Score]:
    """Every net that is trained, the best pair first."""
    return list(_scores())


def _scores() -> Iterator[Score]:
    twin_B = twins()
    for recipe in (*reversed(PAIR.values()), *COURSE):
        with suppress(*TROUBLE):
            net, card = Net.pretrained(recipe), _checkpoint.card(recipe.name)
            facts, interval = net.evidence, card.intervals["accuracy"]
            without = None
            if twin_B is not None and len(twin_B) == len(facts["predicted"]):
                without = accuracy(facts["predicted"][~twin_B], facts["label"][~twin_B])
            yield Score(
                recipe, card, card.metrics["accuracy"], interval["low"], interval["high"],
                card.metrics.get("accuracy_flips"), without, facts["right"],
            )  # fmt: skip


def confusions() -> dict[str, Tensor]:
    """By kind, which class the shipped net takes for which on test, counts `(C, C)`."""
    found = {}
    for kind, recipe in PAIR.items():
        with suppress(*TROUBLE):
            found[kind] = Net.pretrained(recipe).evidence["confusion"]
    return found


def strangers() -> list[dict[str, Any]]:
    """How often each kind of stranger is noticed, and a test picture taken for one, as the benchmark measured it."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))["groups"] if MEASURED.exists() else []


def twins() -> Tensor | None:
    """`(B,)` bool: which test pictures have a near-duplicate in the official training set; None where nobody looked."""
    with suppress(*TROUBLE):
        return Net.pretrained(PAIR[CNN]).evidence.get("twin")
    return None


def untrained() -> list[str]:
    """Recipes of this tab that have no checkpoint yet."""
    every = [*PAIR.values(), *COURSE, *(scrambled_recipe(kind, block) for kind in KINDS for block in BLOCKS)]
    return [recipe.name for recipe in every if card_of(recipe) is None]
