"""How close a sound is to the clean one: error in dB, and what listeners would say."""

import importlib.util
import math

from torch import Tensor


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
