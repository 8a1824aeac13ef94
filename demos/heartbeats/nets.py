"""How a lead is read: its beats found, each judged by every net, and what a net looked at in one of them."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos._ui.nets import Net, active
from explanation.attribution import integrated_gradients
from explanation.gradcam import gradcam
from models import _checkpoint
from models.ecg import BeatAttention, BeatNet, probabilities
from signals import ecg
from signals.ecg import RATE_HZ, Beats
from signals.ecg_files import Lead
from training import Recipe
from training.recipes import ecg as ecg_recipe
from training.recipes import ecg_attention, ecg_cnn, ecg_cnn_lstm

OURS = ecg_recipe.recipe.name
RECIPES: dict[str, Recipe[Any]] = {
    module.recipe.name: module.recipe for module in (ecg_recipe, ecg_cnn, ecg_attention, ecg_cnn_lstm)
}
"""The nets that classify, by the name of their checkpoint; ours first."""
TITLES = {"ecg": "in context", "ecg_cnn": "CNN", "ecg_attention": "attention", "ecg_cnn_lstm": "CNN-LSTM"}
"""What the page calls them."""
METHODS = GRADCAM, GRADIENTS = ("Grad-CAM", "Integrated gradients")


@dataclass(frozen=True)
class Reading:
    """A lead with its beats, each net's probabilities `p_BC` by checkpoint, and the truth where it is known."""

    lead: Lead
    clean_T: np.ndarray
    beats: Beats
    p: dict[str, Tensor]
    truth_B: np.ndarray | None = None
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0
    own: Net[BeatNet] | None = None
    """The visitor's net, where it classified in place of the shipped one."""
    turned: bool = False
    """Whether the lead was turned over."""


def inputs(name: str, beats: Beats) -> tuple[Tensor, ...]:
    """What net `name` sees of the beats."""
    return (beats.context_BCT, beats.rhythm_BF) if name == "ecg" else (beats.alone_B1T,)


def net(name: str, own: Net[BeatNet] | None = None) -> Net[Any]:
    """The net of that name, the visitor's own in place of ours; CheckpointMissing says how to make it."""
    return active(RECIPES[name], own)


def present() -> list[str]:
    """The nets whose checkpoints are here; ours is asked for in any case, so that its absence is told."""
    return [name for name in RECIPES if name == OURS or (_checkpoint.CHECKPOINTS / name / "card.json").exists()]


def over_seeds(name: str) -> list[float]:
    """The macro-F1 on test of every seed that the net of that name was trained from; CheckpointMissing without a card."""
    return [metrics["macro_f1"] for metrics in _checkpoint.card(name).seeds.values()]


def classify_beats(
    lead: Lead,
    *,
    turned: bool = False,
    own: Net[BeatNet] | None = None,
    truth: tuple[np.ndarray, np.ndarray] | None = None,
) -> Reading:
    """Find the beats of a lead, turned over if so wished, and let every net name them.

    `truth` is R peaks and classes, where somebody knows. ValueError where no heartbeat can be found.
    """
    began = time.perf_counter()
    lead = lead.turned_over() if turned else lead
    clean_T = ecg.clean(lead.x_T)
    r_B = ecg.find_peaks(clean_T)
    if len(r_B) < 3:
        raise ValueError(
            "Fewer than three heartbeats were found in this line. Is it an ECG, and is its sampling rate right?"
        )
    beats = ecg.beats(clean_T, r_B)
    p = {name: probabilities(net(name, own).model, *inputs(name, beats)) for name in present()}
    remarks = list(lead.remarks)
    if ecg.points_down(clean_T, r_B):
        remarks.append(
            "The QRS points down: swapped electrodes, or a lead where it does. “Turn the lead over” mirrors it."
        )
    known_B = match_annotations(r_B, *truth) if truth else None
    return Reading(lead, clean_T, beats, p, known_B, tuple(remarks), time.perf_counter() - began, own, turned)


def reclassify(reading: Reading, *, turned: bool, own: Net[BeatNet] | None) -> Reading:
    """The same lead again: turned over, or by another net. What was known of its beats is known still."""
    lead = reading.lead.turned_over() if reading.turned else reading.lead
    found = classify_beats(lead, turned=turned, own=own)
    if reading.truth_B is None:
        return found
    truth_B = match_annotations(found.beats.r_B.numpy(), reading.beats.r_B.numpy(), reading.truth_B)
    return replace(found, truth_B=truth_B)


def match_annotations(
    r_B: np.ndarray, known_B: np.ndarray, class_B: np.ndarray, *, within_ms: float = 150
) -> np.ndarray:
    """The class that the annotators gave to each found beat `(B,)`, −1 where none is near."""
    place_B = np.searchsorted(known_B, r_B).clip(1, len(known_B) - 1)
    nearer_B = np.where(r_B - known_B[place_B - 1] < known_B[place_B] - r_B, place_B - 1, place_B)
    near_B = np.abs(known_B[nearer_B] - r_B) <= within_ms / 1000 * RATE_HZ
    return np.where(near_B, class_B[nearer_B], -1)


class FixedRhythm(nn.Module):
    """`BeatNet` with the rhythm held fast, so that an explanation asks about the beat alone."""

    def __init__(self, model: nn.Module, rhythm_BF: Tensor) -> None:
        super().__init__()
        self.model, self.rhythm_BF = model, rhythm_BF

    def forward(self, x_BCT: Tensor) -> Tensor:
        return self.model(x_BCT, self.rhythm_BF.expand(len(x_BCT), -1))


def heats(name: str, model: nn.Module, beats: Beats, i: int, k: int, method: str) -> list[tuple[str, np.ndarray]]:
    """What net `name` looked at in beat `i`: heat over its own samples, for class `k`, with its label.

    The attention net shows its heads; the others Grad-CAM or integrated gradients, whichever `method` names.
    """
    x_1CT, *others = (t[i : i + 1] for t in inputs(name, beats))
    if isinstance(model, BeatAttention):
        with torch.no_grad():
            weight_HP = model.weights(x_1CT)[0]
        stretched = nn.functional.interpolate(weight_HP[None], x_1CT.shape[2], mode="linear", align_corners=False)[0]
        return [(f"head {h + 1}", w.numpy()) for h, w in enumerate(stretched)]
    asked, prefix = (FixedRhythm(model, others[0]), "model.") if others else (model, "")
    if method == GRADCAM:
        return [(method, gradcam(asked, prefix + model.LOOKS_AT, x_1CT, k)[0].numpy())]  # type: ignore[arg-type]
    heat_CT = integrated_gradients(asked, x_1CT, k)[0]
    return [(method, heat_CT.sum(0).clamp(min=0).detach().numpy())]


def rhythm_attribution(model: nn.Module, beats: Beats, i: int, k: int) -> list[tuple[str, float]]:
    """How far each measure of the rhythm moved ours' score of class `k` from a beat of usual rhythm (in logits)."""
    x_1CT, rhythm_1F = beats.context_BCT[i : i + 1], beats.rhythm_BF[i : i + 1]
    score = lambda r_BF: model(x_1CT.expand(len(r_BF), -1, -1), r_BF)  # noqa: E731
    assert isinstance(model, BeatNet)
    usual_1F = model.rhythm_mean[None]
    found_F = integrated_gradients(score, rhythm_1F, k, baseline_BX=usual_1F)[0]
    return list(zip(ecg.RHYTHM, found_F.tolist(), strict=True))
