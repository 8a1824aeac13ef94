"""What can be said in numbers of a heartbeat in context: its rhythm, and how its parts differ from the usual beats'.

Made of what `signals/ecg_context.py` gives, in the same order. None changes when the lead is turned over or made
louder, and none knows the pulse. Suffixes as there; D measures, `…` any dimensions before.
"""

import torch
from torch import Tensor

from signals.ecg_context import ABSOLUTE, NARROW, RHYTHM

PARTS = {"P": slice(22, 40), "QRS": NARROW, "T": slice(55, 90)}
"""Of a beat in context at 90 Hz, R at 45: the P wave from 255 to 55 ms before R, the T wave from 110 ms after it on."""
OF_A_PART = (
    "likeness to the ruling beat", "likeness to the local beat", "energy of the difference from the ruling beat",
    "energy of the difference from the local beat", "height", "height above the ruling beat's",
)  # fmt: skip
OF_A_BEAT = ("likeness to the ruling beat", "width", "width above the ruling beat's", "slope", "slope above it", "area")
NEIGHBOURS = ("likeness of P", "likeness of QRS", "width")
MEASURES = (
    *RHYTHM[ABSOLUTE:],
    *(f"{part}: {name}" for part in PARTS for name in OF_A_PART),
    *OF_A_BEAT,
    *(f"{name}, of the beat {side}" for name in NEIGHBOURS for side in ("before", "after")),
)
"""Likenesses are correlations, energies natural logarithms; heights are in heights of the usual QRS, widths in ms."""
MS = 1000 / 90


def measures(x_LCT: Tensor, rhythm_LF: Tensor) -> Tensor:
    """`(…, L, len(MEASURES))` of beats that follow one another, `(…, L, 4, T)` in context and `(…, L, F)`.

    At either end a beat is its own neighbour.
    """
    local_LT, odd_LT, beat_LT, strange_LT = x_LCT.float().unbind(-2)
    usual_LT, near_LT = beat_LT - strange_LT, local_LT - odd_LT
    columns, likeness = [], {}
    for part, at in PARTS.items():
        likeness[part] = _likeness(beat_LT[..., at], usual_LT[..., at])
        high_L = _height(beat_LT[..., at])
        columns += [
            likeness[part], _likeness(local_LT[..., at], near_LT[..., at]),
            _energy(strange_LT[..., at]), _energy(odd_LT[..., at]), high_L, high_L - _height(usual_LT[..., at]),
        ]  # fmt: skip
    (wide_L, steep_L), (usual_wide_L, usual_steep_L) = _slopes(beat_LT), _slopes(usual_LT)
    area_L = beat_LT[..., NARROW].abs().mean(-1) - usual_LT[..., NARROW].abs().mean(-1)
    columns += [
        _likeness(beat_LT, usual_LT), wide_L, wide_L - usual_wide_L, steep_L, steep_L - usual_steep_L, area_L,
    ]  # fmt: skip
    for one_L in (likeness["P"], likeness["QRS"], wide_L):
        columns += [torch.cat([one_L[..., :1], one_L[..., :-1]], -1), torch.cat([one_L[..., 1:], one_L[..., -1:]], -1)]
    return torch.cat([rhythm_LF[..., ABSOLUTE:], torch.stack(columns, -1)], -1)


def _likeness(a_LT: Tensor, b_LT: Tensor) -> Tensor:
    """Pearson's correlation; 0 where either is flat."""
    a_LT, b_LT = a_LT - a_LT.mean(-1, keepdim=True), b_LT - b_LT.mean(-1, keepdim=True)
    return (a_LT * b_LT).sum(-1) / (a_LT.norm(dim=-1) * b_LT.norm(dim=-1) + 1e-6)


def _energy(x_LT: Tensor) -> Tensor:
    return (x_LT.square().mean(-1) + 1e-5).log()  # a beat like the usual one to the last bit has a logarithm too


def _height(x_LT: Tensor) -> Tensor:
    return x_LT.amax(-1) - x_LT.amin(-1)


def _slopes(x_LT: Tensor) -> tuple[Tensor, Tensor]:
    """How long the QRS lasts, twice the deviation of its slope's energy over time in ms, and its steepest slope as a
    logarithm.
    """
    slope_LT = x_LT[..., 31:61].diff(dim=-1).square()  # from 155 ms before R to 165 ms after it
    t_T = MS * torch.arange(slope_LT.shape[-1], device=x_LT.device)
    share_LT = slope_LT / (slope_LT.sum(-1, keepdim=True) + 1e-9)
    middle_L1 = (share_LT * t_T).sum(-1, keepdim=True)
    wide_L = 2 * (share_LT * (t_T - middle_L1).square()).sum(-1).sqrt()
    return wide_L, (slope_LT.amax(-1) + 1e-6).log() / 2
