"""How a lead is read: its beats found, each judged by every net, and what a net looked at in one of them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from demos._ui.nets import Net, active
from explanation.attribution import integrated_gradients
from explanation.gradcam import gradcam
from models import Card, _checkpoint
from models.ecg import BeatAttention, BeatNet, probabilities
from signals import ecg, ecg_context
from signals.ecg import RATE_HZ
from signals.ecg_context import Beats
from signals.ecg_files import Lead
from training import Recipe
from training.recipes import ecg as ecg_recipe
from training.recipes import ecg_attention, ecg_cnn, ecg_cnn_lstm

OURS = ecg_recipe.recipe.name
RECIPES: dict[str, Recipe[Any]] = {
    module.recipe.name: module.recipe for module in (ecg_recipe, ecg_cnn, ecg_attention, ecg_cnn_lstm)
}
"""The nets that classify, by the name of their checkpoint; ours first."""
TITLES = {"ecg": "best net", "ecg_cnn": "CNN", "ecg_attention": "attention", "ecg_cnn_lstm": "CNN-LSTM"}
"""What the page calls them."""
NEAR = int(0.15 * RATE_HZ)
"""A beat that was found and an annotator's are one where they are no further apart: 150 ms, as EC57 has it."""
METHODS = GRADCAM, GRADIENTS = ("Grad-CAM", "Integrated gradients")


class Truth(NamedTuple):
    """R peaks `r_B` and their classes, by whoever knows them."""

    r_B: np.ndarray
    class_B: np.ndarray


@dataclass(frozen=True)
class Reading:
    """A lead with its beats, each net's probabilities `p_BC` by checkpoint, and the truth where it is known."""

    lead: Lead
    clean_T: np.ndarray
    beats: Beats
    p: dict[str, Tensor]
    truth: Truth | None = None
    remarks: tuple[str, ...] = ()
    own: Net[BeatNet] | None = None
    """The visitor's net, where it classified in place of the shipped one."""
    turned: bool = False
    """Whether the lead was turned over."""
    start: float = 0.0
    """Where on the lead the paper opens, in seconds."""

    @property
    def judged(self) -> np.ndarray:
        """Which beats can be judged: those with no gap between them and their neighbours."""
        r_B = self.beats.r_B.numpy()
        before_B, after_B = np.concatenate([r_B[:1], r_B[:-1]]), np.concatenate([r_B[1:], r_B[-1:]])
        judged_B = np.ones(len(r_B), bool)
        for begin, end in self.lead.gaps:
            judged_B &= (after_B < begin) | (before_B > end)
        return judged_B

    def answer(self, name: str) -> np.ndarray:
        """What net `name` calls each beat, −1 where none can be judged."""
        return np.where(self.judged, self.p[name].argmax(1).numpy(), -1)

    @property
    def annotated(self) -> np.ndarray | None:
        """The true class of each beat that was found, −1 where none is near; None where nobody knows."""
        return None if self.truth is None else match_annotations(self.beats.r_B.numpy(), *self.truth)

    def title(self, name: str) -> str:
        """What the page calls net `name`: the visitor's own stands in the place of the best."""
        return "your net" if name == OURS and self.own else TITLES[name]


class Found(NamedTuple):
    """Of one class, in a stretch: how many of its beats were found, of how many, and how many others were taken for it."""

    hits: int
    n: int
    false: int


POINTS_DOWN = "The QRS points down: swapped electrodes, or a lead where it does. “Turn the lead over” mirrors it."
UPSIDE_DOWN = (
    "Turned over, the QRS points down: it stood upright before. Take the tick out of “Turn the lead over” again."
)


def inputs(name: str, beats: Beats) -> tuple[Tensor, ...]:
    """What net `name` sees of the beats."""
    return (beats.context_BCT, beats.rhythm_BF) if name == OURS else (beats.alone_B1T,)


def net(name: str, own: Net[BeatNet] | None = None) -> Net[Any]:
    """The net of that name, the visitor's own in place of ours; CheckpointMissing says how to make it."""
    return active(RECIPES[name], own)


def present() -> list[str]:
    """The nets whose checkpoints are here; ours is asked for in any case, so that its absence is told."""
    return [name for name in RECIPES if name == OURS or (_checkpoint.CHECKPOINTS / name / "card.json").exists()]


def card(name: str) -> Card:
    """The card of the net of that name; CheckpointMissing, CheckpointDamaged."""
    return _checkpoint.card(name)


def over_seeds(name: str) -> list[float]:
    """The macro-F1 on test of every seed that the net of that name was trained from; CheckpointMissing without a card."""
    return [metrics["macro_f1"] for metrics in _checkpoint.card(name).seeds.values()]


def classify_beats(
    lead: Lead,
    *,
    turned: bool = False,
    own: Net[BeatNet] | None = None,
    truth: Truth | None = None,
    start: float = 0.0,
) -> Reading:
    """Find the beats of a lead, turned over if so wished, and let every net name them.

    `start` is where the paper is to open. ValueError where no heartbeat can be found.
    """
    lead = lead.turned_over() if turned else lead
    clean_T = ecg.clean(lead.x_T)
    r_B = ecg.find_peaks(clean_T)
    if len(r_B) < 3:
        raise ValueError(
            "Fewer than three heartbeats were found in this line. Is it an ECG, and is its sampling rate right?"
        )
    beats = ecg_context.beats(clean_T, r_B)
    p = {name: probabilities(net(name, own).model, *inputs(name, beats)) for name in present()}
    remarks = list(lead.remarks)
    if ecg.points_down(clean_T, r_B):
        remarks.append(UPSIDE_DOWN if turned else POINTS_DOWN)
    return Reading(lead, clean_T, beats, p, truth, tuple(remarks), own, turned, start)


def reclassify(reading: Reading, *, turned: bool, own: Net[BeatNet] | None) -> Reading:
    """The same lead again: turned over, or by another net. What was known of its beats is known still."""
    lead = reading.lead.turned_over() if reading.turned else reading.lead
    return classify_beats(lead, turned=turned, own=own, truth=reading.truth, start=reading.start)


def match_annotations(r_B: np.ndarray, known_B: np.ndarray, class_B: np.ndarray) -> np.ndarray:
    """The class that the annotators gave to each found beat `(B,)`, −1 where none is near."""
    at_B = nearest(r_B, known_B)
    return np.where(at_B >= 0, class_B[at_B], -1)


def nearest(r_B: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each R peak the number of the nearest of the others, of which there are two at least; −1 where none is near."""
    place_B = np.searchsorted(others, r_B).clip(1, len(others) - 1)
    nearer_B = np.where(r_B - others[place_B - 1] < others[place_B] - r_B, place_B - 1, place_B)
    return np.where(np.abs(others[nearer_B] - r_B) <= NEAR, nearer_B, -1)


def score(reading: Reading, name: str, start: float, seconds: float) -> dict[str, Found]:
    """How net `name` did between two times, class by class, by the truth; those that nobody met are left out.

    A beat that the annotators have and that was not found at all counts as missed; one that was found where they have
    none, as a false one of whatever it was called.
    """
    assert reading.truth is not None
    first, last = start * RATE_HZ, (start + seconds) * RATE_HZ
    answer_B, r_B, known = reading.answer(name), reading.beats.r_B.numpy(), reading.truth
    asked_B = (known.r_B >= first) & (known.r_B < last)
    at_B = nearest(known.r_B, r_B)
    said_B = np.where(at_B >= 0, answer_B[at_B], -1)
    true_B = match_annotations(r_B, *known)
    shown_B = (r_B >= first) & (r_B < last)
    found = {}
    for k, kind in enumerate(ecg.CLASSES):
        of_kind_B = asked_B & (known.class_B == k)
        wrong_B = shown_B & (answer_B == k) & (true_B != k)
        found[kind] = Found(int((of_kind_B & (said_B == k)).sum()), int(of_kind_B.sum()), int(wrong_B.sum()))
    return {kind: each for kind, each in found.items() if each.n or each.false}


class AmongOthers(nn.Module):
    """`BeatNet` asked about beat `i`, all others held fast, so that an explanation asks about the beat alone.

    Takes the beat `x_BCT`, and its rhythm `rhythm_BF` where that is asked about; gives logits `(B, classes)`.
    """

    def __init__(self, model: BeatNet, beats: Beats, i: int) -> None:
        super().__init__()
        first_B, place_B = model.place(len(beats.r_B))
        first, self.at = int(first_B[i]), int(place_B[i])
        run = slice(first, first + model.SPAN)
        with torch.no_grad():
            self.known_1LE = model.embed(beats.context_BCT[None, run], beats.rhythm_BF[None, run])
        low = max(0, i - 1)
        self.near_LCT, self.rhythm_LF = beats.context_BCT[low : i + 2], beats.rhythm_BF[low : i + 2]
        self.model, self.place = model, i - low
        """Which of the beats that are looked at together, itself and its two neighbours, the beat is."""

    def forward(self, x_BCT: Tensor, rhythm_BF: Tensor | None = None) -> Tensor:
        n, rhythm_LF = len(x_BCT), self.rhythm_LF
        heard_BF = rhythm_LF[self.place].expand(n, -1) if rhythm_BF is None else rhythm_BF
        seen_BLCT, heard_BLF = (
            _put(all_L, one_B, self.place) for all_L, one_B in ((self.near_LCT, x_BCT), (rhythm_LF, heard_BF))
        )
        known_BE = self.model.embed(seen_BLCT, heard_BLF)[:, self.place]
        return self.model.judge(_put(self.known_1LE[0], known_BE, self.at))[:, self.at]


def _put(all_L: Tensor, one_B: Tensor, at: int) -> Tensor:
    """`(B, L, ...)`: what is in a row `(L, ...)`, each of `(B, ...)` in turn in place `at` of it."""
    row_BL = all_L.expand(len(one_B), *all_L.shape)
    return torch.cat([row_BL[:, :at], one_B.unsqueeze(1), row_BL[:, at + 1 :]], 1)


def heats(name: str, model: nn.Module, beats: Beats, i: int, k: int, method: str) -> list[tuple[str, np.ndarray]]:
    """What net `name` looked at in beat `i`: heat over its own samples, for class `k`, with its label.

    The attention net shows its heads; the others Grad-CAM or integrated gradients, whichever `method` names.
    """
    x_1CT = inputs(name, beats)[0][i : i + 1]
    if isinstance(model, BeatAttention):
        with torch.no_grad():
            weight_HP = model.weights(x_1CT)[0]
        stretched = nn.functional.interpolate(weight_HP[None], x_1CT.shape[2], mode="linear", align_corners=False)[0]
        return [(f"head {h + 1}", w.numpy()) for h, w in enumerate(stretched)]
    asked = AmongOthers(model, beats, i) if isinstance(model, BeatNet) else model
    if method == GRADCAM and isinstance(asked, AmongOthers):
        heat_MT = [gradcam(asked, f"model.{at}", x_1CT, k)[asked.place] for at in asked.model.looks_at]
        return [(method, torch.stack(heat_MT).mean(0).numpy())]
    if method == GRADCAM:
        return [(method, gradcam(asked, model.LOOKS_AT, x_1CT, k)[0].numpy())]  # type: ignore[arg-type]
    heat_CT = integrated_gradients(asked, x_1CT, k)[0]
    return [(method, heat_CT.sum(0).clamp(min=0).detach().numpy())]


def rhythm_attribution(model: nn.Module, beats: Beats, i: int, k: int) -> list[tuple[str, float]]:
    """How far each measure of the rhythm moved ours' score of class `k` from a beat of usual rhythm (in logits)."""
    assert isinstance(model, BeatNet)
    x_1CT, rhythm_1F, asked = beats.context_BCT[i : i + 1], beats.rhythm_BF[i : i + 1], AmongOthers(model, beats, i)
    score = lambda r_BF: asked(x_1CT.expand(len(r_BF), -1, -1), r_BF)  # noqa: E731
    usual_1F = model.rhythm_mean[None]
    found_F = integrated_gradients(score, rhythm_1F, k, baseline_BX=usual_1F)[0]
    heard = slice(0 if model.absolute else ecg_context.ABSOLUTE, None)
    return list(zip(map(str, ecg_context.RHYTHM[heard]), found_F[heard].tolist(), strict=True))


@torch.no_grad()
def seen_by_trees(model: BeatNet, beats: Beats, i: int) -> Tensor | None:
    """The probabilities `(classes,)` that a net's trees give beat `i`, beside its neighbours; None where it has none."""
    if model.trees is None:
        return None
    low = max(0, i - 1)
    return model.seen(beats.context_BCT[low : i + 2], beats.rhythm_BF[low : i + 2])[i - low]
