"""What can be chosen to take noise out of a recording: every net that a recipe makes, and the classical methods."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from compression.lowrank import inner
from models import _checkpoint
from models._checkpoint import CheckpointDamaged, CheckpointMissing, shared
from models._streaming import FrameNet
from models.denoiser import enhance
from signals import audio
from signals.audio import COURSE, RATE_HZ, Frames, Wave
from training._recipe import Recipe, Splits
from training._run import Run
from training.recipes import catalogue

OURS = "denoiser_gru"
TITLES = {
    "denoiser_gru": "Recurrent",
    "denoiser_cnn": "Convolutional",
    "denoiser_linear": "Linear",
    "denoiser_cnn_small": "Conv. small",
    "denoiser_linear_small": "Linear small",
}
"""How the nets are called on the page."""
CLASSICAL = {"noisereduce": "noisereduce", "Wiener": "wiener", "log-MMSE": "log_mmse"}
"""The methods without a net, by the names of their functions in `signals.classical`."""
CLASSICAL_WORDS = {
    "noisereduce": "noisereduce learns a threshold for each frequency and moves it with the sound (Sainburg 2020). It needs the recording as a whole.",
    "Wiener": "A Wiener filter, which follows the noise by the quietest moments at each frequency: good where noise is steady.",
    "log-MMSE": "The estimator of log amplitudes by Ephraim and Malah (1985), long the best in hearing aids: good where noise is steady.",
}
SHIPPED, YOURS, UNTRAINED = WEIGHTS = ("Shipped", "Yours, trained", "Yours, before training")
MAX_SECONDS = 300.0
"""The longest recording that is taken: five minutes."""


def nets() -> dict[str, Recipe[Any]]:
    """The recipes of nets for denoising by their title, ours first; one without a title is an experiment, and not offered."""
    found = catalogue()
    return {title: found[name] for name, title in TITLES.items() if name in found}


def methods() -> list[str]:
    """Every method's title: the nets, then the classical ones."""
    return [*nets(), *CLASSICAL]


@dataclass(frozen=True)
class Own:
    """What a visitor trained here: the net, the same net as it was before its first step, and for how long."""

    after: nn.Module
    before: nn.Module
    seconds: float


def at_home() -> Recipe[Any]:
    """Our net's recipe for a minute on somebody's own machine: two mixtures a step, a short average, fewer to choose on."""
    recipe = nets()[TITLES[OURS]]

    def data() -> Splits:
        splits = recipe.data()
        return splits._replace(valid=tuple(t[::4] for t in splits.valid))

    return replace(recipe, data=data, averaging=0.97, budget=replace(recipe.budget, batch_size=2, lr=2e-3))


def trained(run: Run[Any]) -> Own:
    """A visitor's run as nets to listen to: its best weights, and the random ones that it began with."""
    first = Run(run.recipe, run.budget)
    return Own(run.finished(), copy.deepcopy(first.model).eval(), run.seconds)


def net(method: str, weights: str = SHIPPED, own: Own | None = None) -> FrameNet:
    """The net of that title; ValueError where there is none, CheckpointMissing where nobody has trained it."""
    if weights != SHIPPED:
        if own is None:
            raise ValueError(
                "You have trained nothing yet: do so under “Train it yourself”, then choose these weights."
            )
        return inner(own.after if weights == YOURS else own.before)
    if method not in nets():
        raise ValueError(f"“{method}” is no net. Choose one of: {', '.join(nets())}.")
    recipe = nets()[method]
    kind: Any = recipe.model.func
    return _warm(_checkpoint.card(recipe.name).weights_sha256, kind, recipe.name)


@lru_cache(maxsize=8)
def _warm(weights_sha256: str, kind: type[nn.Module], name: str) -> FrameNet:
    """The shared checkpoint's net, run once: a first call takes torch longer than all others."""
    found = inner(shared(kind, name).model)
    enhance(found, torch.zeros(RATE_HZ // 4), RATE_HZ)
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

    @cached_property
    def at_16_khz(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """Noisy, denoised and, where known, clean samples at the rate at which nets listen and measures are taken."""
        rate_hz = self.sound.wave.rate_hz
        found = (self.sound.wave.x_T, self.y_T, self.sound.clean_T)
        noisy_T, denoised_T, clean_T = (None if x is None else audio.resample(x, rate_hz, RATE_HZ) for x in found)
        assert noisy_T is not None and denoised_T is not None
        return noisy_T, denoised_T, clean_T


def denoise(sound: Sound, method: str, weights: str = SHIPPED, own: Own | None = None) -> Denoised:
    """Take the noise out by that method, at the sound's own rate; nothing is rescaled."""
    weights = weights if method == TITLES[OURS] else SHIPPED  # only that net can be trained here
    run = _classical(method) if method in CLASSICAL else _by_net(method, weights, own)
    began = time.perf_counter()
    y_T = run(sound.wave.x_T, sound.wave.rate_hz)
    return Denoised(sound, method, weights, y_T, time.perf_counter() - began)


def _classical(method: str) -> Callable[[Tensor, int], Tensor]:
    from signals import classical  # brings scipy: not on the way of the first page

    found = getattr(classical, CLASSICAL[method])
    return partial(found, stationary=False) if method == "noisereduce" else found


def _by_net(method: str, weights: str, own: Own | None) -> Callable[[Tensor, int], Tensor]:
    return partial(enhance, net(method, weights, own))


@lru_cache(maxsize=16)
def frames(method: str) -> Frames | None:
    """The frames that a net hears in, whether it is trained or not; None for a method that is no net."""
    recipe = nets().get(method)
    if recipe is None:
        return None
    with torch.random.fork_rng():  # a net is made for the question alone: nobody's random state pays for it
        return inner(recipe.model()).frames


def delay_ms(method: str) -> float | None:
    """How long after a sample its denoised self can be had, by the frames alone; None where it needs the whole."""
    found = frames(method)
    return 1000 * found.size / RATE_HZ if found else None


def in_words(method: str) -> str:
    """How the method works, in a sentence or two."""
    found = frames(method)
    if found is None:
        return CLASSICAL_WORDS.get(method, "")
    size_ms, hop_ms = (1000 * n / RATE_HZ for n in (found.size, found.hop))
    words = f"Frames of {found.size} samples, {size_ms:.0f} ms, a new one every {hop_ms:.0f} ms"
    if found == COURSE:
        return f"{words}: the course work's choice. Many sounds of speech are shorter than that, and are smeared over the frame."
    return f"{words}: short enough for the onset of a syllable, and for running live with {size_ms:.0f} ms of delay."


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
