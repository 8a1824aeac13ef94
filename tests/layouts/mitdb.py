"""A small MIT-BIH in WFDB's own layout: 45 seconds of simulated ECG a record, annotated as PhysioNet does."""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from signals.ecg import CLASSES, RATE_HZ
from signals.synthetic_ecg import Simulated, simulate
from training.data import mitbih

SYMBOLS = {"N": "N", "S": "A", "V": "V", "F": "F", "Q": "Q"}
PATTERN = ("N", "N", "N", "S", "N", "N", "V", "N", "N", "F")


def write(root: Path, *, seconds: float = 45) -> Path:
    folder = root / "mitdb"
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(mitbih.RECORDS):
        write_record(folder, name, seed=seed, seconds=seconds, pulse=65 + seed)
    return root


def write_record(
    folder: Path,
    name: str,
    *,
    rate_hz: int = RATE_HZ,
    leads: tuple[str, ...] = ("MLII",),
    shown: str | None = None,
    seed: int,
    seconds: float = 26,
    pulse: float = 110,
) -> None:
    """One record at any rate; the ECG stands in lead `shown`, the first if not given, the others are flat."""
    import wfdb

    made = simulated(seconds, seed, pulse)
    x_T = resample_poly(made.x_T.astype(np.float64), rate_hz, RATE_HZ, padtype="line")
    lead_TC = np.zeros((len(x_T), len(leads)))
    lead_TC[:, leads.index(shown or leads[0])] = x_T
    n = len(leads)
    wfdb.wrsamp(
        name, fs=rate_hz, units=["mV"] * n, sig_name=list(leads), p_signal=lead_TC, fmt=["16"] * n,
        adc_gain=[200.0] * n, baseline=[0] * n, write_dir=str(folder),
    )  # fmt: skip
    r_B = np.round(made.r_B * rate_hz / RATE_HZ).astype(np.int64)
    at = np.concatenate([[18], r_B])  # a mark that is no beat opens every record of PhysioNet's
    symbols = ["+", *(SYMBOLS[CLASSES[k]] for k in made.class_B)]
    wfdb.wrann(name, "atr", at, symbol=symbols, aux_note=["(N\x00", *[""] * len(r_B)], write_dir=str(folder))


@cache
def simulated(seconds: float, seed: int, pulse: float) -> Simulated:
    return simulate(seconds, pattern=PATTERN, beats_per_minute=pulse, seed=seed)
