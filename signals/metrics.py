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
