"""Voices compared: what a net hears in a recording, how two of them score, why, and who of the enrolled it may be.

Nothing here is written anywhere: a recording lives as long as the request that brought it, an enrolled voice (256
numbers or fewer, from which nobody can play it back) as long as the visitor's session.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from demos._ui.nets import Net, active
from explanation.attribution import integrated_gradients
from explanation.projection import Plane
from metrics.detection import DetCurve, EqualErrors, det_curve, equal_errors
from models import load_cached
from models.denoiser import RecurrentDenoiser, enhance
from models.speaker import LONGEST_SECONDS, SpeakerNet, Voice, embedding
from signals import audio, synthetic
from signals.audio import RATE_HZ
from training import Arrays, Recipe, Splits
from training.data import speakers
from training.recipes import denoiser_gru, speaker, speaker_siamese

OURS, TWINS = "Our net", "Recurrent twins"
RECIPES: dict[str, Recipe[Any]] = {OURS: speaker.recipe, TWINS: speaker_siamese.recipe}
"""The nets that compare voices, by what the page calls them; ours first."""
Own = Net[Voice] | None
"""What a visitor has trained, if anything."""
MAX_SECONDS, SHORT_SECONDS, LEAST_SECONDS = 60.0, 1.0, 0.3
PIECE_SECONDS = 1.0
SILENT_RMS = 10 ** (-70 / 20)
MOST_ENROLLED = 8


@dataclass(frozen=True)
class TrialScores:
    """The similarities of a test set's trials, both error rates at every threshold, and where they are equal.

    `threshold` is where they were equal among speakers left out of training, before test was asked: what the page begins
    with. `scale` says in words what the similarities count in.
    """

    same_P: Tensor
    different_P: Tensor
    det: DetCurve
    equal: EqualErrors
    threshold: float
    scale: str

    @property
    def span(self) -> tuple[float, float]:
        """From a little below the least similar trial to a little above the most similar, in tenths."""
        every_P = torch.cat([self.same_P, self.different_P])
        low, high = every_P.min().item(), every_P.max().item()
        margin = 0.04 * (high - low)
        return math.floor(10 * (low - margin)) / 10, math.ceil(10 * (high + margin)) / 10

    def errors(self, threshold: float) -> tuple[float, float]:
        """The shares of different-speaker trials accepted and of same-speaker trials rejected at `threshold`."""
        accepted = (self.different_P >= threshold).double().mean().item()
        return accepted, (self.same_P < threshold).double().mean().item()


@dataclass(frozen=True)
class Recording:
    """A recording as the nets take it: `x_T` at 16 kHz, at most 8 s of it, and what had to be done, in words."""

    x_T: Tensor
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.x_T) / RATE_HZ


def active_net(name: str, own: Own = None) -> Net[Voice]:
    """The net that the page calls `name`, the visitor's own in its place; CheckpointMissing says how to make it."""
    return active(RECIPES[name], own)


def recipe_named(name: str) -> Recipe[Any]:
    """The recipe behind the net that the page calls `name`."""
    return RECIPES[name]


def name_of(net: Net[Voice]) -> str:
    """What the page calls a net."""
    return next(name for name, recipe in RECIPES.items() if recipe.name == net.recipe.name)


def trial_scores(net: Net[Voice], corpus: str = "an4") -> TrialScores:
    """The stored test trials of `an4`, `librispeech` or `synthetic`."""
    at_N = net.evidence["corpus"] == speakers.CORPORA[corpus]
    same_P, score_P = speakers.trials(net.evidence["speaker"][at_N]).same_P, net.evidence[f"score_{corpus}"]
    same, different = score_P[same_P], score_P[~same_P]
    at, chosen = equal_errors(same, different), net.evidence["threshold"].item()
    return TrialScores(same, different, det_curve(same, different), at, chosen, scale_of(net))


def scale_of(net: Net[Voice]) -> str:
    """What a net's similarities count in: of ours deviations (see `adaptive_norm`), of the twins a cosine."""
    if isinstance(net.model, SpeakerNet) and net.model.cohort:
        return "0 is as alike as the strangers who come nearest, 1 a standard deviation more"
    return "1 is the same, 0 nothing in common"


def load_recording(source: str | Path | None, which: str) -> Recording:
    """A visitor's recording; ValueError with a sentence where there is none, or nothing in it to hear."""
    if not source:
        raise ValueError(f"{which} is empty: record or upload something, or press an example.")
    wave = audio.read(source, max_seconds=MAX_SECONDS)
    return as_recording(audio.resample(wave.x_T, wave.rate_hz, RATE_HZ), which, wave.notes)


def as_recording(x_T: Tensor, which: str, notes: Sequence[str] = ()) -> Recording:
    """Samples at 16 kHz as the nets take them; ValueError where they are too short or silent."""
    seconds = len(x_T) / RATE_HZ
    if seconds < LEAST_SECONDS:
        raise ValueError(
            f"{which} lasts {seconds:.2f} s. A voice needs {LEAST_SECONDS:g} s at the least, 2 s are good."
        )
    if x_T.square().mean().sqrt() < SILENT_RMS:
        raise ValueError(f"{which} is silent. Check the microphone, or choose another recording.")
    if seconds > LONGEST_SECONDS:
        notes = (*notes, f"only the first {LONGEST_SECONDS:g} s of {seconds:.0f} s are compared")
    return Recording(x_T[: int(LONGEST_SECONDS * RATE_HZ)], tuple(notes))


def embed(net: Net[Voice], recording: Recording) -> Tensor:
    """The voice in a recording, `(E,)` of length 1."""
    return embedding(net.model, recording.x_T)


def similarity(net: Net[Voice], a: Recording, b: Recording) -> float:
    """The net's score of the two voices, in what `scale_of` says."""
    with torch.no_grad():
        return net.model.score(embed(net, a)[None], embed(net, b)[None]).item()


def attribution(net: Net[Voice], x_T: Tensor, other_E: Tensor, *, steps: int = 24) -> Tensor:
    """How much each band at each moment moved the similarity to `other_E`, `(F, N)`, from silence to this recording.

    Integrated gradients (Sundararajan et al. 2017) over the spectrum that the net hears: the sum is the similarity less
    what silence scores.
    """
    model = net.model
    with torch.no_grad():
        m_BFN, silence_BFN = model.spectrum(x_T.unsqueeze(0)), model.spectrum(torch.zeros(1, len(x_T)))

    def score(m_BFN: Tensor) -> Tensor:
        return model.score(model.embed(m_BFN), other_E[None])

    return integrated_gradients(score, m_BFN, 0, baseline_BX=silence_BFN, steps=steps)[0].detach()


def hears_mel(net: Net[Voice]) -> bool:
    """Whether the net's bands are evenly spaced in mel; else they are evenly spaced in Hz."""
    return isinstance(net.model, SpeakerNet)


# Enrolled voices


@dataclass(frozen=True)
class Enrolled:
    """Voices by name, for one net: the sum of the embeddings of each one's recordings, and how many they were."""

    key: str
    voices: tuple[tuple[str, Tensor, int], ...] = ()

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.voices]

    def mean(self) -> Tensor:
        """Every voice `(V, E)`, of length 1."""
        return F.normalize(torch.stack([sum_E for _, sum_E, _ in self.voices]), dim=1)

    def add(self, name: str, e_E: Tensor, net: Net[Voice]) -> Enrolled:
        """With one more recording of `name`; ValueError where the name is empty or eight others are there already."""
        name = " ".join(name.split())[:24]
        if not name:
            raise ValueError("Give the voice a name first.")
        voices = {known: (sum_E, n) for known, sum_E, n in checked(self, net).voices}
        if name not in voices and len(voices) >= MOST_ENROLLED:
            raise ValueError(f"{MOST_ENROLLED} voices are the most. Press “Forget everyone” to begin again.")
        sum_E, n = voices.get(name, (torch.zeros_like(e_E), 0))
        voices[name] = (sum_E + e_E, n + 1)
        return Enrolled(net.key, tuple((known, *rest) for known, rest in voices.items()))


def checked(enrolled: Enrolled, net: Net[Voice]) -> Enrolled:
    """The same; ValueError where another net enrolled them, since two nets' numbers mean nothing to one another."""
    if enrolled.voices and enrolled.key != net.key:
        raise ValueError("These voices were enrolled with another net. Press “Forget everyone” and enrol them again.")
    return enrolled


def known_voices(enrolled: Enrolled | None, net: Net[Voice]) -> Enrolled:
    """Those among whom to look; ValueError where nobody is enrolled, or another net enrolled them."""
    if enrolled is None or not enrolled.voices:
        raise ValueError("Nobody is enrolled yet: name a voice and press “Enrol” first.")
    return checked(enrolled, net)


def identify_speaker(net: Net[Voice], known: Enrolled, e_E: Tensor, threshold: float) -> tuple[str | None, Tensor]:
    """The name of the voice that is nearest, if its score reaches `threshold`, and all scores `(V,)`."""
    with torch.no_grad():
        score_V = net.model.score(e_E[None], known.mean())[0]
    best = int(score_V.argmax())
    return (known.names[best] if score_V[best] >= threshold else None), score_V


def map_places(net: Net[Voice], e_VE: Tensor) -> list[list[float]]:
    """Where voices lie on the map of the test set, `(V, 2)`."""
    return Plane(net.evidence["plane_mean"], net.evidence["plane_axes"]).place(e_VE).tolist()


# Together with Denoising


def denoise(x_T: Tensor) -> Tensor:
    """Through the net of the tab “Denoising”; CheckpointMissing says how to make it."""
    return enhance(load_cached(RecurrentDenoiser, denoiser_gru.recipe.name).model, x_T, RATE_HZ)


def add_noise(x_T: Tensor, kind: str, snr_db: float) -> Tensor:
    """A recording with one of the project's own noises behind it, at a signal-to-noise ratio of `snr_db`."""
    noise_T = synthetic.NOISES[kind](len(x_T), seed=1)
    mixed_BT, _ = audio.mix(x_T[None], noise_T[None], float(snr_db))
    return mixed_BT[0]


# Training on somebody's own machine


def at_home(name: str) -> Recipe[Any]:
    """The recipe for half a minute: fewer and shorter pieces a step, a short average, validation in many pieces.

    Of our net only the convolutions: its other half is computed, not trained, and would be good from the first moment.
    """
    recipe: Any = RECIPES[name]

    def data() -> Splits:
        splits = recipe.data()
        return splits._replace(valid=cut_to_pieces(splits.valid, PIECE_SECONDS))

    step, budget = partial(recipe.step, seconds=PIECE_SECONDS), replace(recipe.budget, batch_size=16, lr=2e-3)
    shorter = replace(recipe, data=data, step=step, budget=budget, averaging=0.9)
    if name != OURS:
        return shorter
    alone = partial(recipe.model.func, **recipe.model.keywords | {"share": 0.0, "cohort": 0})
    return replace(shorter, model=alone, initial=None, complete=None)


def cut_to_pieces(split: Arrays, seconds: float) -> Arrays:
    """Utterances in pieces, each by the same speaker as the whole; what is left at the end is left out."""
    x_NT, length_N, *facts = split
    size = int(seconds * RATE_HZ)
    at = [(i, start) for i, n in enumerate(length_N.tolist()) for start in range(0, max(1, n - size + 1), size)]
    row_P = torch.tensor([i for i, _ in at])
    piece_PT = F.pad(x_NT, (0, size))[row_P[:, None], torch.tensor([s for _, s in at])[:, None] + torch.arange(size)]
    return piece_PT, length_N[row_P].clamp(max=size), *(fact_N[row_P] for fact_N in facts)


def recording_names(net: Net[Voice]) -> list[str]:
    """The test recordings' names, in the order of the evidence."""
    return [bytes(row.tolist()).rstrip(b"\0").decode() for row in net.evidence["name"]]


def trials_csv(net: Net[Voice]) -> str:
    """Every test trial as CSV: corpus, both recordings, whether one person spoke both, and this net's score."""
    lines, called = ["corpus,first,second,same_speaker,score"], recording_names(net)
    for corpus, number in speakers.CORPORA.items():
        at_N = (net.evidence["corpus"] == number).nonzero().flatten()
        a_P, b_P, same_P = (t.tolist() for t in speakers.trials(net.evidence["speaker"][at_N]))
        score_P, at = net.evidence[f"score_{corpus}"].tolist(), at_N.tolist()
        lines += [
            f"{corpus},{called[at[a]]},{called[at[b]]},{int(same)},{score:.4f}"
            for a, b, same, score in zip(a_P, b_P, same_P, score_P, strict=True)
        ]
    return "\n".join(lines) + "\n"
