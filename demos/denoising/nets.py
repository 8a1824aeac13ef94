"""What can be chosen to take noise out of a recording: five nets, the visitor's own, and the classical methods.

Shapes: `x_T` samples as they came in, `y_T` denoised, `clean_T` the speech alone; all of a sound at one rate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from compression.lowrank import Compressed, inner, model_class
from demos._ui.nets import Net
from models import CheckpointDamaged, CheckpointMissing, FrameNet, _checkpoint
from models.denoiser import enhance
from signals import audio
from signals.audio import COURSE, RATE_HZ, Frames, Wave
from training import Recipe, Run, Splits
from training.recipes import denoiser_cnn, denoiser_cnn_small, denoiser_gru, denoiser_linear, denoiser_linear_small

OURS = "Recurrent"
RECIPES: dict[str, Recipe[Any]] = {
    OURS: denoiser_gru.recipe,
    "Convolutional": denoiser_cnn.recipe,
    "Linear": denoiser_linear.recipe,
    "Conv. small": denoiser_cnn_small.recipe,
    "Linear small": denoiser_linear_small.recipe,
}
"""The nets by their title on the page, ours first."""
CLASSICAL = {"noisereduce": "noisereduce", "Wiener": "wiener", "log-MMSE": "log_mmse"}
"""The methods without a net, by the names of their functions in `signals.classical`."""
CLASSICAL_WORDS = {
    "noisereduce": "noisereduce learns a threshold for each frequency and moves it with the sound (Sainburg 2020). It needs the recording as a whole.",
    "Wiener": "A Wiener filter, which follows the noise by the quietest moments at each frequency: good where noise is steady.",
    "log-MMSE": "The estimator of log amplitudes by Ephraim and Malah (1985), long the best in hearing aids: good where noise is steady.",
}
METHODS = (*RECIPES, *CLASSICAL)
"""The title of everything that takes noise out: the nets, then the classical methods."""
SHIPPED, YOURS, UNTRAINED = WEIGHTS = ("Shipped", "Yours, trained", "Yours, before training")
SILENT_RMS = 10 ** (-70 / 20)
MAX_SECONDS = 300.0
"""The longest recording that is taken: five minutes."""


@dataclass(frozen=True)
class Trained:
    """What a visitor trained here: the net, the same net as it was before its first step, and for how many seconds."""

    after: Net[nn.Module]
    before: Net[nn.Module]
    seconds: float

    @classmethod
    def from_run(cls, run: Run[Any]) -> Trained:
        """A visitor's run as nets to listen to: its best weights, and the random ones that it began with."""
        after = Net.from_run(run, evidence={})
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(run.budget.seed)  # as the run did before it drew its first weights
            first = run.recipe.model().eval()
        return cls(after, replace(after, model=first, key=f"{after.key}, untrained"), run.seconds)


def at_home() -> Recipe[Any]:
    """Our net's recipe for half a minute on somebody's own machine: short pieces, a short average, few to choose on."""
    recipe = RECIPES[OURS]

    def data() -> Splits:
        splits = recipe.data()
        return splits._replace(train=short_pieces(*splits.train), valid=tuple(t[::6] for t in splits.valid))

    return replace(recipe, data=data, averaging=0.9, budget=replace(recipe.budget, batch_size=8, lr=5e-3))


def short_pieces(speech_BT: Tensor, noise_BT: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of one second, without those in which hardly anybody speaks: a step on them is done in a third of the time."""
    speech_BT = torch.cat([part for part in speech_BT.split(RATE_HZ, dim=1) if part.shape[1] == RATE_HZ])
    power_B = speech_BT.float().square().mean(1)
    speech_BT = speech_BT[power_B > 0.1 * power_B.median()]
    return speech_BT, noise_BT.repeat(-(-len(speech_BT) // len(noise_BT)), 1)[: len(speech_BT)]


def net(method: str, weights: str = SHIPPED, own: Trained | None = None) -> FrameNet:
    """The net of that title; ValueError where there is none, CheckpointMissing where nobody has trained it."""
    if method not in RECIPES:
        raise ValueError(f"“{method}” is no net. Choose one of: {', '.join(RECIPES)}.")
    if weights_of(method, weights) == SHIPPED:
        return _warm(Net.pretrained(RECIPES[method]).key, method)
    if own is None:
        raise ValueError("You have trained nothing yet: do so under “Train it yourself”, then choose these weights.")
    return inner((own.after if weights == YOURS else own.before).model)


def weights_of(method: str, weights: str) -> str:
    """The weights with which a method answers when these are chosen: only our net can be trained here."""
    return weights if method == OURS else SHIPPED


@lru_cache(maxsize=8)
def _warm(key: str, method: str) -> FrameNet:
    """The shipped net with the weights of that key, run once: a first call takes torch longer than all others."""
    found = inner(Net.pretrained(RECIPES[method]).model)
    enhance(found, torch.zeros(RATE_HZ // 4), RATE_HZ)
    return found


@dataclass(frozen=True)
class Sound:
    """What is to be denoised, `wave`, and the clean speech in it, `clean_T` at the same rate, where that is known."""

    wave: Wave
    title: str
    clean_T: Tensor | None = None


@dataclass(frozen=True)
class Upload:
    """A visitor's recording by its file, read again when it is asked about again: at its own rate it may have 58 MB."""

    path: str

    @property
    def sound(self) -> Sound:
        return read_upload(self.path)


class Sides(NamedTuple):
    """The sides of a sound at 16 kHz, `(T,)` each; `clean_T` is None where nobody knows it."""

    noisy_T: Tensor
    denoised_T: Tensor
    clean_T: Tensor | None


def read_upload(path: str | None) -> Sound:
    """A visitor's file or recording as a sound; ValueError in a sentence where it cannot be read."""
    if not path:
        raise ValueError("There is no recording yet: choose a file, or press the red button and speak.")
    if not Path(path).exists():
        raise ValueError("This recording cannot be opened: it is no longer on this server. Upload it again.")
    wave = audio.read(path, max_seconds=MAX_SECONDS)
    refuse_silence(wave.x_T)
    return Sound(wave, "Your recording")


def refuse_silence(x_T: Tensor) -> None:
    """ValueError where there is nothing to hear in these samples."""
    if x_T.square().mean().sqrt() < SILENT_RMS:
        raise ValueError("This recording is silent. Check the microphone, or choose another recording.")


@dataclass(frozen=True)
class Explainable:
    """What a page keeps of an answer: by what it was given, and what went in at 16 kHz, `noisy_T`."""

    method: str
    weights: str
    noisy_T: Tensor


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
    def at_16_khz(self) -> Sides:
        """All sides at the rate at which nets listen and measures are taken."""
        rate_hz, clean_T = self.sound.wave.rate_hz, self.sound.clean_T
        noisy_T, denoised_T = (audio.resample(x_T, rate_hz, RATE_HZ) for x_T in (self.sound.wave.x_T, self.y_T))
        return Sides(noisy_T, denoised_T, None if clean_T is None else audio.resample(clean_T, rate_hz, RATE_HZ))

    @property
    def explainable(self) -> Explainable:
        """What is needed to explain it, without the sides at the sound's own rate."""
        return Explainable(self.method, self.weights, self.at_16_khz.noisy_T)

    @property
    def reference(self) -> Tensor | None:
        """The clean speech at 16 kHz to measure against; None where nobody knows it, or where it is silent."""
        clean_T = self.at_16_khz.clean_T
        return clean_T if clean_T is not None and clean_T.any() else None

    @cached_property
    def loudest_second(self) -> float:
        """The second at which the answer is loudest: a good frame to begin with, and rather one with a past."""
        y_T, size = self.at_16_khz.denoised_T, 512
        if len(y_T) <= size:
            return 0.0
        energy_N = y_T[: len(y_T) // size * size].view(-1, size).square().sum(1)
        energy_N[: len(energy_N) // 3] *= 0.25
        return energy_N.argmax().item() * size / RATE_HZ


def denoise(sound: Sound, method: str, weights: str = SHIPPED, own: Trained | None = None) -> Denoised:
    """Take the noise out by that method, at the sound's own rate; nothing is rescaled."""
    run = _classical(method) if method in CLASSICAL else partial(enhance, net(method, weights, own))
    began = time.perf_counter()
    y_T = run(sound.wave.x_T, sound.wave.rate_hz)
    return Denoised(sound, method, weights_of(method, weights), y_T, time.perf_counter() - began)


def _classical(method: str) -> Callable[[Tensor, int], Tensor]:
    from signals import classical  # brings scipy: not on the way of the first page

    found = getattr(classical, CLASSICAL[method])
    return partial(found, stationary=False) if method == "noisereduce" else found


def frames(method: str) -> Frames | None:
    """The frames that a net hears in, by its architecture, whether it is trained or not; None where it is no net."""
    if method not in RECIPES:
        return None
    model: Any = RECIPES[method].model
    kind: Any = model_class(model.keywords["architecture"]) if model.func is Compressed else model.func
    return kind.frames


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
    return [*(title for title in RECIPES if parameters(title) is not None), *CLASSICAL]


def parameters(method: str) -> int | None:
    """How many numbers a net has learnt; None where it is no net, or cannot answer now."""
    try:
        return _checkpoint.card(RECIPES[method].name).parameters if method in RECIPES else None
    except (CheckpointMissing, CheckpointDamaged):
        return None
