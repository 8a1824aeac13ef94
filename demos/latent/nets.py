"""What six nets say of a garment: where it lies on the plane, how surely, what it costs to tell, and whether it is one."""

import random
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from demos._ui.forward import dense_layers, packed
from demos._ui.nets import Net, active
from demos._ui.widgets import pad
from models import CheckpointMissing, _checkpoint
from models.vae import VAE
from signals import image
from training import Metrics, Recipe, Run
from training.data import at_hand, fashion_mnist, medmnist, mnist
from training.recipes import vae, vae_beta_0, vae_beta_4, vae_beta_16, vae_beta_128, vae_beta_quarter
from training.tasks import latent
from training.tasks.latent import CLASSES

RECIPES: dict[str, Recipe[VAE]] = {
    "0": vae_beta_0.recipe, "¼": vae_beta_quarter.recipe, "1": vae.recipe, "4": vae_beta_4.recipe,
    "16": vae_beta_16.recipe, "128": vae_beta_128.recipe,
}  # fmt: skip
"""The nets by β, the weight of their KL term."""
CLOSEST = "1"
"""The β with which the evidence bound itself is what is trained."""
HALF = 3.0
"""The least half side of the plane that is shown: the prior has 99.7 % of each number within it."""
CELLS = 64
"""Of a side of the grid on which training codes are counted."""
EXAMPLES = Path(__file__).parent / "examples"
DIGIT, A_DIGIT = "digit", 4
"""The example that is no garment, and which of the pad's digits it is."""
WATCHED = 1_000
"""Test pictures, at most, that are followed while a net trains."""
KL_STEPS = 200
Own = Net[VAE] | None


@dataclass(frozen=True)
class Garment:
    """A picture `x_HW` `(28, 28)` uint8 in Fashion-MNIST's form, and what it is in words; a drawing's ground is plain."""

    words: str
    x_HW: Tensor
    drawn: bool = False


class Pinned(NamedTuple):
    """Where a net puts a garment: `mean_2` and `spread_2` of its code, the `cost` in nats, the picture that comes back.

    `strange` has the three measures of `latent.Unlike`, each as a share of its threshold.
    """

    garment: Garment
    mean_2: Tensor
    spread_2: Tensor
    reconstruction: float
    kl: float
    strange: tuple[float, float, float]

    @property
    def is_stranger(self) -> bool:
        """Whether it is unlike the clothes that the net has learnt from."""
        return max(self.strange) > 1


class Window(NamedTuple):
    """The square of the plane that is shown."""

    x: float
    y: float
    half: float


def net_of(beta: str, own: Own) -> Net[VAE]:
    """The visitor's own net where it was trained with this β, the shipped one where not."""
    return active(RECIPES[beta], own)


def decoder(model: VAE) -> bytes:
    """The decoder, packed for the page, which gets the light of every pixel."""
    return packed(dense_layers(nn.Sequential(*model.decoder, nn.Sigmoid())))


def window(code_N2: Tensor) -> Window:
    """A square around 99 % of the codes that is never smaller than the prior's: a collapse shows as one."""
    low_2, high_2 = code_N2.float().quantile(torch.tensor([0.005, 0.995]), dim=0)
    if max(low_2.abs().max(), high_2.abs().max()) <= HALF:
        return Window(0.0, 0.0, HALF)
    x, y = ((low_2 + high_2) / 2).tolist()
    return Window(x, y, max(HALF, 0.54 * (high_2 - low_2).max().item()))


def density(code_M2: Tensor, shown: Window) -> np.ndarray:
    """`(CELLS, CELLS)` uint8, the lowest row first: how many codes lie in a cell or in one of the eight around it.

    255 stands for as many or more.
    """
    edges = [np.linspace(at - shown.half, at + shown.half, CELLS + 1) for at in (shown.y, shown.x)]
    counts, *_ = np.histogram2d(*code_M2.float().flip(1).T.numpy(), bins=edges)
    around = sum(np.roll(np.pad(counts, 1), (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1))
    return np.minimum(around[1:-1, 1:-1], 255).astype(np.uint8)  # type: ignore[index]


def pin(net: Net[VAE], garment: Garment) -> Pinned:
    """Where a net puts a garment on its plane, and what it makes of it."""
    x_1 = garment.x_HW[None, None]
    mean_12, spread_12 = latent.codes(net.model, x_1)
    reconstruction, kl = latent.bound(net.model, x_1)
    excess, residual, border = (torch.cat(latent.unlike(net.model, x_1)) / net.evidence["familiar"]).tolist()
    strange = (excess, residual, 0.0 if garment.drawn else border)
    return Pinned(garment, mean_12[0], spread_12[0], reconstruction.item(), kl.item(), strange)


# Garments


@cache
def example(name: str) -> Garment:
    """One of the ten test pictures that ship, by its class, or `DIGIT`: one of MNIST's; ValueError for another name."""
    if name == DIGIT:
        return Garment("a handwritten 4, which is no garment", _as_garment(image.from_data_url(pad.example(A_DIGIT))))
    if name not in CLASSES:
        raise ValueError("No picture is chosen yet: take one of those in the row.")
    return Garment(f"{a(name)} of the test set", _as_garment(Image.open(EXAMPLES / f"{name.replace(' ', '-')}.png")))


def a(name: str) -> str:
    """A class with its article."""
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def drawing(address: str) -> Garment:
    """What was drawn on the pad, closed outlines filled; ValueError where that is nothing."""
    return Garment("your drawing", _as_garment(image.from_data_url(address), drawn=True), drawn=True)


def upload(path: str) -> Garment:
    """A picture file; ValueError in a visitor's words where it cannot be read, or shows nothing."""
    return Garment("your picture", _as_garment(image.read(path)))


def random_test_garment() -> Garment:
    """A test picture; torch's own generator belongs to whoever trains."""
    x_B1HW, label_B = at_hand(partial(fashion_mnist.official, "test")).value
    i = random.randrange(len(x_B1HW))
    return Garment(f"{a(CLASSES[int(label_B[i])])}, drawn from {len(x_B1HW):,} test pictures", x_B1HW[i, 0])


def _as_garment(picture: Image.Image, *, drawn: bool = False) -> Tensor:
    return (255 * image.as_fashion_mnist(picture, drawn=drawn)).round().byte()


# Numbers


@dataclass(frozen=True)
class Bound:
    """A net's two parts of −ELBO on test, in nats a picture; None where there is no such net yet."""

    beta: str
    reconstruction: float | None = None
    kl: float | None = None
    own: bool = False


def bounds(own: Own) -> list[Bound]:
    """Of every β: from its card, or as measured of the visitor's own net."""
    return [_bound(beta, own) for beta in RECIPES]


def _bound(beta: str, own: Own) -> Bound:
    if own is not None and own.recipe.name == RECIPES[beta].name:
        return Bound(beta, *own.evidence["bound"].tolist(), own=True)
    try:
        metrics = _checkpoint.card(RECIPES[beta].name).metrics
    except CheckpointMissing:
        return Bound(beta)
    return Bound(beta, metrics["reconstruction_nats"], metrics["kl_nats"])


def net_with_bound(run: Run[VAE]) -> Net[VAE]:
    """The best net of a visitor's run, with its evidence and both parts of its bound on the test pictures at hand."""
    model = run.best_model()
    cost = latent.bound(model, run.splits.test[0][:WATCHED])
    parts = {"bound": torch.stack([cost.reconstruction_B.mean(), cost.kl_B.mean()])}
    return Net.from_run(run, run.evidence(model) | parts)


class Strangers(NamedTuple):
    """Of `n` pictures of a kind, the share that is called no clothes: by any measure, and by the bare cost."""

    kind: str
    n: int
    warned: float
    by_cost: float


@lru_cache(maxsize=1)
def strangers() -> list[Strangers]:
    """How often the shipped net warns of test pictures, and of what is none, of which the bare cost says little."""
    net = Net.pretrained(vae.recipe)
    clothes = at_hand(fashion_mnist.splits).value
    digits = at_hand(partial(mnist.official, "test")).value[0][:WATCHED]
    films = at_hand(partial(medmnist.part, "pneumoniamnist", "test")).value[0][:WATCHED]
    noise = torch.randint(256, (WATCHED, 1, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    cost_at = latent.bound(net.model, clothes.valid[0][:WATCHED], draws=1).reconstruction_B.quantile(0.99)
    kinds = {
        "clothes (test)": clothes.test[0][:WATCHED],
        "digits (MNIST)": _brought(digits),
        "chest films (PneumoniaMNIST)": _brought(films),
        "noise": noise,
    }
    return [_warned(net, kind, x_B1HW, cost_at) for kind, x_B1HW in kinds.items()]


def _brought(x_B1HW: Tensor) -> Tensor:
    """Pictures as somebody would bring them: larger than 28 × 28, so that they are fitted as a garment is."""
    large_BHW = x_B1HW[:, 0].repeat_interleave(2, 1).repeat_interleave(2, 2)
    return torch.stack([_as_garment(Image.fromarray(x_HW.numpy())) for x_HW in large_BHW])[:, None]


def _warned(net: Net[VAE], kind: str, x_B1HW: Tensor, cost_at: Tensor) -> Strangers:
    unlike_3B = torch.stack(latent.unlike(net.model, x_B1HW))
    warned_B = (unlike_3B > net.evidence["familiar"][:, None]).any(0)
    costly_B = latent.bound(net.model, x_B1HW, draws=1).reconstruction_B > cost_at
    return Strangers(kind, len(x_B1HW), warned_B.double().mean().item(), costly_B.double().mean().item())


# Training


class Moving(NamedTuple):
    """Where the test pictures lie while a net learns: `code_N2` and `class_N`, after so many steps."""

    code_N2: Tensor
    class_N: Tensor
    step: int


def moving(run: Run[VAE]) -> Moving:
    """The codes of up to `WATCHED` test pictures by the weights as they are now."""
    x_B1HW, label_B = run.splits.test
    return Moving(latent.codes(run.averaged, x_B1HW[:WATCHED])[0], label_B[:WATCHED].byte(), run.step)


@dataclass(frozen=True)
class KlOnly:
    """A net whose reconstruction was never trained: the codes of test pictures `(N, 2)`, and its bound in nats."""

    code_N2: Tensor
    class_N: Tensor
    bound: Metrics
    n_train: int
    steps: int


@lru_cache(maxsize=1)
def train_on_kl_alone() -> KlOnly:
    """The same net trained for `KL_STEPS` on its KL term alone, from whatever pictures are at hand; always the same."""
    recipe = replace(vae.recipe, step=latent.kl_step)
    budget = replace(recipe.budget, steps=KL_STEPS, batch_size=128, eval_every=KL_STEPS)
    run = at_hand(partial(_drained, recipe, budget)).value
    x_B1HW, label_B = run.splits.test
    x_B1HW, label_B = x_B1HW[:WATCHED], label_B[:WATCHED]
    model = run.model.eval()
    return KlOnly(
        latent.codes(model, x_B1HW)[0], label_B, latent.evaluate(model, (x_B1HW, label_B)), len(run.splits.train[0]),
        run.step,
    )  # fmt: skip


def _drained(recipe: Recipe[VAE], budget: Any) -> Run[VAE]:
    run = Run(recipe, budget)
    for _ in run:
        pass
    return run
