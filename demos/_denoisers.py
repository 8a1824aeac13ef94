"""What can be chosen to take noise out of a recording: every net that a recipe makes, and the classical methods."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from models import _checkpoint
from models._checkpoint import CheckpointDamaged, CheckpointMissing, shared
from models.denoiser import enhance
from signals import audio
from signals.audio import RATE_HZ, Wave
from training._recipe import Recipe, catalogue
from training._run import Run

OURS = "denoiser_gru"
TITLES = {
    "denoiser_gru": "Recurrent",
    "denoiser_cnn": "Convolutional",
    "denoiser_linear": "Linear",
    "denoiser_cnn_small": "Convolutional, compressed",
    "denoiser_linear_small": "Linear, compressed",
}
"""How the nets are called on the page; a net without a title goes by its recipe's name."""
CLASSICAL = {"noisereduce": "noisereduce", "Wiener filter": "wiener", "log-MMSE": "log_mmse"}
"""The methods without a net, by the names of their functions in `signals.classical`."""
SHIPPED, YOURS, UNTRAINED = WEIGHTS = ("Shipped", "Yours, trained", "Yours, before training")
MAX_SECONDS = 300.0
"""The longest recording that is taken: five minutes."""


def nets() -> dict[str, Recipe[Any]]:
    """The recipes of nets for denoising by their title, ours first."""
    found = {n: r for n, r in catalogue().items() if n.startswith("denoiser_")}
    order = [*(n for n in TITLES if n in found), *(n for n in found if n not in TITLES)]
    return {TITLES.get(n, n): found[n] for n in order}


def methods() -> list[str]:
    """Every method's title: the nets, then the classical ones."""
    return [*nets(), *CLASSICAL]


@dataclass(frozen=True)
class Own:
    """What a visitor trained here: the net, the same net as it was before its first step, and for how long."""

    after: nn.Module
    before: nn.Module
    seconds: float


def trained(run: Run[Any]) -> Own:
    """A visitor's run as nets to listen to: its best weights, and the random ones that it began with."""
    first = Run(run.recipe, run.budget)
    return Own(run.finished(), copy.deepcopy(first.model).eval(), run.seconds)


def net(method: str, weights: str = SHIPPED, own: Own | None = None) -> nn.Module:
    """The net of that title; ValueError where there is none, CheckpointMissing where nobody has trained it."""
    if weights != SHIPPED:
        if own is None:
            raise ValueError(
                "You have trained nothing yet: do so under “Train it yourself”, then choose these weights."
            )
        return own.after if weights == YOURS else own.before
    if method not in nets():
        raise ValueError(f"“{method}” is no net. Choose one of: {', '.join(nets())}.")
    recipe = nets()[method]
    kind: Any = recipe.model.func
    return _warm(_checkpoint.card(recipe.name).weights_sha256, kind, recipe.name)


@lru_cache(maxsize=8)
def _warm(weights_sha256: str, kind: type[nn.Module], name: str) -> nn.Module:
    """The shared checkpoint's net, run once: a first call takes torch longer than all others."""
    found = shared(kind, name).model
    enhance(found, torch.zeros(RATE_HZ // 4), RATE_HZ)  # type: ignore[arg-type]
    return found


@dataclass(frozen=True)
class Sound:
    """What is to be denoised, `wave`, and the clean speech in it, `clean_T` at the same rate, where that is known."""

    wave: Wave
    title: str
    clean_T: Tensor | None = None


@dataclass(frozen=True)
class Denoised:
    """A sound and what a method made of it: `y_T` beside `sound.wave.x_T`, and the seconds of work that it took."""

    sound: Sound
    method: str
    weights: str
    y_T: Tensor
    work_seconds: float

    @property
    def real_time_factor(self) -> float:
        return self.work_seconds / max(self.sound.wave.seconds, 1e-9)

    def at_16_khz(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """Noisy, denoised and, where known, clean samples at the rate at which nets listen and measures are taken."""
        rate_hz = self.sound.wave.rate_hz
        found = (self.sound.wave.x_T, self.y_T, self.sound.clean_T)
        noisy_T, denoised_T, clean_T = (None if x is None else audio.resample(x, rate_hz, RATE_HZ) for x in found)
        assert noisy_T is not None and denoised_T is not None
        return noisy_T, denoised_T, clean_T


def denoise(sound: Sound, method: str, weights: str = SHIPPED, own: Own | None = None) -> Denoised:
    """Take the noise out by that method, at the sound's own rate; nothing is rescaled."""
    run = _classical(method) if method in CLASSICAL and weights == SHIPPED else _by_net(method, weights, own)
    began = time.perf_counter()
    y_T = run(sound.wave.x_T, sound.wave.rate_hz)
    return Denoised(sound, method, weights, y_T, time.perf_counter() - began)


def _classical(method: str) -> Callable[[Tensor, int], Tensor]:
    from signals import classical  # brings scipy: not on the way of the first page

    return getattr(classical, CLASSICAL[method])


def _by_net(method: str, weights: str, own: Own | None) -> Callable[[Tensor, int], Tensor]:
    found: Any = net(method, weights, own)
    return lambda x_T, rate_hz: enhance(found, x_T, rate_hz)


def frames_in_words(method: str) -> str:
    """What frames the method hears in, and what that means for speech."""
    if method in CLASSICAL:
        return {
            "noisereduce": "noisereduce learns a threshold for every frequency from the whole recording: it cannot run live.",
            "Wiener filter": "A Wiener filter that follows the noise by its minima. It works well where noise is steady.",
            "log-MMSE": "Ephraim and Malah's estimator of log amplitudes (1985): the classic of hearing aids, best where noise is steady.",
        }[method]
    recipe = nets().get(method)
    if recipe is None:
        return ""
    with torch.random.fork_rng():
        frames = recipe.model().frames
    milliseconds = 1000 * frames.size / RATE_HZ
    words = (
        f"Frames of {frames.size} samples, {milliseconds:.0f} ms, a new one every {1000 * frames.hop / RATE_HZ:.0f} ms"
    )
    if milliseconds > 40:
        return f"{words}: the course's choice. A syllable's onset is shorter than that, and is smeared over the frame."
    return f"{words}: short enough to keep a syllable's onset, and to run live with {milliseconds:.0f} ms of delay."


def available() -> list[str]:
    """The titles of the methods that can answer now."""
    found = []
    for title, recipe in nets().items():
        try:
            _checkpoint.card(recipe.name)
        except (CheckpointMissing, CheckpointDamaged):
            continue
        found.append(title)
    return [*found, *CLASSICAL]
