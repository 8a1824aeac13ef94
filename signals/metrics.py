"""How good an answer is, and how sure we can be of that."""

import importlib.util
import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


class Interval(NamedTuple):
    """A 95 % confidence interval and the number of independent units behind it."""

    low: float
    high: float
    n: int


def accuracy(predicted_B: Tensor, label_B: Tensor) -> float:
    """The share of predictions that are right, 0 to 1."""
    return (predicted_B == label_B).double().mean().item()


def wilson(share: float, n: int) -> Interval:
    """The 95 % interval of a share measured on `n` independent units (Wilson 1927)."""
    z = 1.959964
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(max(0.0, centre - half), min(1.0, centre + half), n)


def confusion(predicted_B: Tensor, label_B: Tensor, classes: int) -> Tensor:
    """Counts `(classes, classes)` int64: row = the truth, column = the answer."""
    return torch.bincount(label_B * classes + predicted_B, minlength=classes**2).reshape(classes, classes)


def macro_f1(confusion_CC: Tensor) -> float:
    """The mean over classes of 2 · precision · recall / (precision + recall); a class never met counts 0."""
    counts = confusion_CC.double()
    hits = counts.diag()
    return (2 * hits / (counts.sum(0) + counts.sum(1)).clamp(min=1)).mean().item()


def reliability(confidence_B: Tensor, right_B: Tensor, bins: int = 10) -> Tensor:
    """`(bins, 3)`: how many answers fell into each bin of confidence, their mean confidence, their accuracy."""
    which_B = (confidence_B * bins).long().clamp(max=bins - 1)
    n_K = torch.bincount(which_B, minlength=bins).double()
    confidence_K = torch.bincount(which_B, confidence_B.double(), minlength=bins) / n_K.clamp(min=1)
    accuracy_K = torch.bincount(which_B, right_B.double(), minlength=bins) / n_K.clamp(min=1)
    return torch.stack([n_K, confidence_K, accuracy_K], dim=1)


def calibration_error(reliability_K3: Tensor) -> float:
    """Expected calibration error (Naeini et al. 2015): the mean gap between confidence and accuracy, 0 to 1."""
    n_K, confidence_K, accuracy_K = reliability_K3.unbind(1)
    return ((n_K / n_K.sum()) * (confidence_K - accuracy_K).abs()).sum().item()


def bootstrap(
    units: Sequence[T], statistic: Callable[[list[T]], float], *, rounds: int = 1000, seed: int = 0
) -> Interval:
    """The 95 % percentile interval of `statistic` when the independent `units` are drawn again with replacement.

    A unit is whatever is independent of the others (a patient with all its beats, a speaker, a picture); rounds in
    which the statistic is no number are left out.
    """
    draw = random.Random(seed)
    found = sorted(filter(math.isfinite, (statistic(draw.choices(units, k=len(units))) for _ in range(rounds))))
    if not found:
        raise ValueError("the statistic was never a number")
    return Interval(found[int(0.025 * len(found))], found[min(len(found) - 1, int(0.975 * len(found)))], len(units))


def snr_db(clean_BT: Tensor, estimate_BT: Tensor) -> Tensor:
    """`10 log10(signal power / error power)` `(B,)`; nothing is rescaled, and an exact copy gives 120 dB at most."""
    signal_B = clean_BT.double().square().sum(-1)
    error_B = (estimate_BT.double() - clean_BT.double()).square().sum(-1)
    return 10 * ((signal_B + 1e-20) / (error_B + 1e-12 * signal_B + 1e-20)).log10()


def si_sdr_db(clean_BT: Tensor, estimate_BT: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio `(B,)` in dB (Le Roux et al. 2019), without removing the mean."""
    clean, estimate = clean_BT.double(), estimate_BT.double()
    share_B1 = (clean * estimate).sum(-1, keepdim=True) / clean.square().sum(-1, keepdim=True).clamp(min=1e-20)
    return snr_db(share_B1 * clean, estimate)


class DetCurve(NamedTuple):
    """Detection error trade-off: at each rising `threshold_K`, the share of either kind of error (float64).

    A trial is accepted where its score reaches the threshold, so `false_accept_K` falls from 1 to 0 and
    `false_reject_K` rises from 0 to 1; the last threshold is infinite.
    """

    threshold_K: Tensor
    false_accept_K: Tensor
    false_reject_K: Tensor


def det_curve(same_P: Tensor, different_N: Tensor) -> DetCurve:
    """Both errors at every threshold that matters (Martin et al. 1997); ValueError where a kind of trial is missing."""
    if not len(same_P) or not len(different_N):
        raise ValueError("both same-speaker and different-speaker trials are needed")
    same_P, different_N = same_P.double().sort().values, different_N.double().sort().values
    threshold_K = torch.cat([same_P, different_N, torch.tensor([math.inf], dtype=torch.float64)]).unique()
    rejected_K = torch.searchsorted(same_P, threshold_K)  # those below the threshold
    accepted_K = len(different_N) - torch.searchsorted(different_N, threshold_K)
    return DetCurve(threshold_K, accepted_K / len(different_N), rejected_K / len(same_P))


class EqualErrors(NamedTuple):
    """Where both errors are equal: their rate, and the threshold at which that is so."""

    rate: float
    threshold: float


def equal_errors(same_P: Tensor, different_N: Tensor) -> EqualErrors:
    """The point of the DET curve at which both errors are equal, on the straight line between its two neighbours."""
    threshold_K, accept_K, reject_K = det_curve(same_P, different_N)
    gap_K = accept_K - reject_K  # falls from 1 to −1
    k = int((gap_K >= 0).sum()) - 1
    share = (gap_K[k] / (gap_K[k] - gap_K[k + 1])).item()
    rate = accept_K[k] + share * (accept_K[k + 1] - accept_K[k])
    last = threshold_K[k + 1] if threshold_K[k + 1].isfinite() else threshold_K[k]
    return EqualErrors(rate.item(), (threshold_K[k] + share * (last - threshold_K[k])).item())


def eer(same_P: Tensor, different_N: Tensor) -> float:
    """The equal error rate, 0 to 1: of separable scores 0, of two identical distributions 0.5."""
    return equal_errors(same_P, different_N).rate


def min_dcf(same_P: Tensor, different_N: Tensor, *, p_same: float = 0.01) -> float:
    """The least detection cost over all thresholds, where 1 is what always giving the same answer costs (NIST).

    Of all trials a share `p_same` are of one speaker, and both errors cost the same.
    """
    _, accept_K, reject_K = det_curve(same_P, different_N)
    cost_K = p_same * reject_K + (1 - p_same) * accept_K
    return (cost_K.min() / min(p_same, 1 - p_same)).item()


def pesq_installed() -> bool:
    """Whether PESQ can be measured: its package needs a C compiler to install, and the project runs without."""
    return importlib.util.find_spec("pesq") is not None


def pesq_wb(clean_T: Tensor, estimate_T: Tensor) -> float:
    """Wide-band PESQ (ITU-T P.862.2) at 16 kHz: what listeners would say, from 1.0 (bad) to 4.6; nan without speech.

    Raises ImportError with the command that installs it where its package is missing.
    """
    try:
        import pesq  # not on the way of the first page, and not everywhere
    except ImportError as error:
        raise ImportError(
            "PESQ needs the package pesq and a C compiler: pip install -r requirements-extra.txt"
        ) from error
    try:
        return float(pesq.pesq(16_000, clean_T.double().numpy(), estimate_T.double().numpy(), "wb"))
    except (pesq.NoUtterancesError, pesq.BufferTooShortError):
        return math.nan


def stoi(clean_T: Tensor, estimate_T: Tensor, *, rate_hz: int = 16_000) -> float:
    """Short-time objective intelligibility (Taal et al. 2011), 0 to 1; nan where less than 0.4 s of speech is left."""
    import warnings

    from pystoi import stoi as measure  # brings scipy: not on the way of the first page

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # pystoi warns where it has too little to measure
        try:
            return float(measure(clean_T.double().numpy(), estimate_T.double().numpy(), rate_hz))
        except (RuntimeWarning, ValueError):
            return math.nan
