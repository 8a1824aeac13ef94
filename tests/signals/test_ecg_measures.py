"""A beat in numbers: they know no label, no gain and no way up, and say where a beat is odd."""

import numpy as np
import pytest
import torch
from torch import Tensor

from signals import ecg, ecg_context
from signals.ecg_measures import MEASURES, measures
from signals.synthetic_ecg import Simulated, simulate


def made(pattern: str) -> Simulated:
    return simulate(60, pattern=tuple(pattern), noise_mv=0, drift_mv=0)


def seen(x_T: np.ndarray, r_B: np.ndarray) -> Tensor:
    beats = ecg_context.beats(ecg.clean(x_T), r_B)
    return measures(beats.context_BCT, beats.rhythm_BF)


def column(measured_BD: Tensor, name: str) -> Tensor:
    return measured_BD[:, MEASURES.index(name)]


@pytest.mark.parametrize("factor", [3, -1])
def test_neither_the_gain_nor_the_way_up_is_known(factor: int) -> None:
    it = made("NNNV")
    seen_BD = seen(it.x_T, it.r_B)
    assert seen_BD.shape == (len(it.r_B), len(MEASURES)) and seen_BD.isfinite().all()
    assert torch.allclose(seen_BD, seen(factor * it.x_T, it.r_B), atol=0.02, rtol=1e-3)


def test_a_wide_beat_of_another_shape_is_measured_so() -> None:
    it = made("NNNV")
    seen_BD = seen(it.x_T, it.r_B)[2:-2]
    is_v_B = torch.from_numpy(it.class_B == 2)[2:-2]
    for name, is_higher in (
        ("QRS: likeness to the ruling beat", False), ("width above the ruling beat's", True),
        ("QRS: energy of the difference from the local beat", True), ("likeness to the ruling beat", False),
    ):  # fmt: skip
        v_B, others_B = column(seen_BD, name)[is_v_B], column(seen_BD, name)[~is_v_B]
        assert v_B.min() > others_B.max() if is_higher else v_B.max() < others_B.min(), name
    width_B = column(seen_BD, "width")
    assert 20 < width_B[~is_v_B].median() < width_B[is_v_B].median() < 200, "in ms"


def test_a_beat_s_neighbours_are_those_beside_it() -> None:
    it = made("NNNV")
    seen_BD = seen(it.x_T, it.r_B)
    own_B = column(seen_BD, "QRS: likeness to the ruling beat")
    before_B, after_B = (column(seen_BD, f"likeness of QRS, of the beat {side}") for side in ("before", "after"))
    assert torch.equal(before_B[1:], own_B[:-1]) and torch.equal(after_B[:-1], own_B[1:])
    assert before_B[0] == own_B[0] and after_B[-1] == own_B[-1]


def test_runs_are_measured_as_the_recording_is() -> None:
    it = made("NNV")
    beats = ecg_context.beats(ecg.clean(it.x_T), it.r_B)
    whole_BD = measures(beats.context_BCT, beats.rhythm_BF)
    runs_RLD = measures(
        torch.stack([beats.context_BCT[s : s + 10] for s in (5, 20)]),
        torch.stack([beats.rhythm_BF[s : s + 10] for s in (5, 20)]),
    )
    assert torch.allclose(runs_RLD[1, 1:-1], whole_BD[21:29], atol=1e-5)
