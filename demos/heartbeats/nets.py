"""How a lead is read: its beats found, each judged by every net, and what a net looked at in one of them."""

import time
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from explanation.attribution import integrated_gradients
from explanation.gradcam import gradcam
from models import _checkpoint
from models._checkpoint import shared
from models.ecg import BeatAttention, BeatCNN, BeatCNNLSTM, BeatNet, probabilities
from signals import ecg
from signals.ecg import RATE_HZ, Beats
from signals.ecg_files import Lead

NETS: dict[str, tuple[str, type[nn.Module]]] = {
    "ecg": ("in context", BeatNet),
    "ecg_cnn": ("CNN", BeatCNN),
    "ecg_attention": ("attention", BeatAttention),
    "ecg_cnn_lstm": ("CNN-LSTM", BeatCNNLSTM),
}
"""The checkpoints by name, with what the page calls them; ours first."""
HOW = ("Grad-CAM", "Integrated gradients")


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
    models: dict[str, nn.Module] = field(default_factory=dict)
    """The nets that judged, where they are not the shipped ones."""


def inputs(name: str, beats: Beats) -> tuple[Tensor, ...]:
    """What net `name` sees of the beats."""
    return (beats.context_BCT, beats.rhythm_BF) if name == "ecg" else (beats.alone_B1T,)


def net(name: str, own: nn.Module | None = None) -> nn.Module:
    """The checkpoint's net, or the visitor's own in place of ours; CheckpointMissing says how to make it."""
    return own if own is not None and name == "ecg" else shared(NETS[name][1], name).model


def present() -> list[str]:
    """The nets whose checkpoints are here; ours is asked for in any case, so that its absence is told."""
    return [name for name in NETS if name == "ecg" or (_checkpoint.CHECKPOINTS / name / "card.json").exists()]


def judge(lead: Lead, *, own: nn.Module | None = None, truth: tuple[np.ndarray, np.ndarray] | None = None) -> Reading:
    """Find the beats of a lead and let every net judge them; `truth` is R peaks and classes, where somebody knows.

    ValueError where no heartbeat can be found.
    """
    began = time.perf_counter()
    clean_T = ecg.clean(lead.x_T)
    r_B = ecg.find_peaks(clean_T)
    if len(r_B) < 3:
        raise ValueError(
            "Fewer than three heartbeats were found in this line. Is it an ECG, and is its sampling rate right?"
        )
    beats = ecg.beats(clean_T, r_B)
    p = {name: probabilities(net(name, own), *inputs(name, beats)) for name in present()}
    remarks = list(lead.remarks)
    if ecg.points_down(clean_T, r_B):
        remarks.append(
            "The QRS points down: swapped electrodes, or a lead where it does. “Turn the lead over” mirrors it."
        )
    return Reading(
        lead, clean_T, beats, p, matched(r_B, *truth) if truth else None, tuple(remarks), time.perf_counter() - began,
        {"ecg": own} if own is not None else {},
    )  # fmt: skip


def matched(r_B: np.ndarray, known_B: np.ndarray, class_B: np.ndarray, *, within_ms: float = 150) -> np.ndarray:
    """The class that the annotators gave to each found beat `(B,)`, −1 where none is near."""
    place_B = np.searchsorted(known_B, r_B).clip(1, len(known_B) - 1)
    nearer_B = np.where(r_B - known_B[place_B - 1] < known_B[place_B] - r_B, place_B - 1, place_B)
    near_B = np.abs(known_B[nearer_B] - r_B) <= within_ms / 1000 * RATE_HZ
    return np.where(near_B, class_B[nearer_B], -1)


class WithRhythm(nn.Module):
    """`BeatNet` with the rhythm held fast, so that an explanation asks about the beat alone."""

    def __init__(self, model: nn.Module, rhythm_BF: Tensor) -> None:
        super().__init__()
        self.model, self.rhythm_BF = model, rhythm_BF

    def forward(self, x_BCT: Tensor) -> Tensor:
        return self.model(x_BCT, self.rhythm_BF.expand(len(x_BCT), -1))


def heats(name: str, model: nn.Module, beats: Beats, i: int, k: int, how: str) -> list[tuple[str, np.ndarray]]:
    """What net `name` looked at in beat `i`: heat over its own samples, for class `k`, with its label.

    The attention net shows its heads; the others Grad-CAM or integrated gradients, whichever `how` names.
    """
    x_1CT, *others = (t[i : i + 1] for t in inputs(name, beats))
    if isinstance(model, BeatAttention):
        with torch.no_grad():
            weight_HP = model.weights(x_1CT)[0]
        stretched = nn.functional.interpolate(weight_HP[None], x_1CT.shape[2], mode="linear", align_corners=False)[0]
        return [(f"head {h + 1}", w.numpy()) for h, w in enumerate(stretched)]
    asked, prefix = (WithRhythm(model, others[0]), "model.") if others else (model, "")
    if how == HOW[0]:
        return [(how, gradcam(asked, prefix + model.LOOKS_AT, x_1CT, k)[0].numpy())]  # type: ignore[arg-type]
    heat_CT = integrated_gradients(asked, x_1CT, k)[0]
    return [(how, heat_CT.sum(0).clamp(min=0).detach().numpy())]


def rhythm_share(model: nn.Module, beats: Beats, i: int, k: int) -> list[tuple[str, float]]:
    """How far each measure of the rhythm moved ours' score of class `k` from a beat of usual rhythm (in logits)."""
    x_1CT, rhythm_1F = beats.context_BCT[i : i + 1], beats.rhythm_BF[i : i + 1]
    score = lambda r_BF: model(x_1CT.expand(len(r_BF), -1, -1), r_BF)  # noqa: E731
    assert isinstance(model, BeatNet)
    usual_1F = model.rhythm_mean[None]
    found_F = integrated_gradients(score, rhythm_1F, k, baseline_BX=usual_1F)[0]
    return list(zip(ecg.RHYTHM, found_F.tolist(), strict=True))
