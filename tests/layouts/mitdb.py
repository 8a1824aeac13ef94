"""A small MIT-BIH in WFDB's own layout: twenty seconds of simulated ECG a record, annotated as PhysioNet does."""

from pathlib import Path

import numpy as np

from signals.ecg import CLASSES, RATE_HZ
from signals.synthetic_ecg import simulate
from training.data import mitbih

SYMBOLS = {"N": "N", "S": "A", "V": "V", "F": "F", "Q": "Q"}
PATTERN = ("N", "N", "N", "S", "N", "N", "V", "N", "N", "F")


def write(root: Path, *, seconds: float = 20) -> Path:
    import wfdb

    folder = root / "mitdb"
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(mitbih.RECORDS):
        made = simulate(seconds, pattern=PATTERN, beats_per_minute=65 + seed, seed=seed)
        wfdb.wrsamp(
            name, fs=RATE_HZ, units=["mV"], sig_name=["MLII"], p_signal=made.x_T[:, None].astype(np.float64),
            fmt=["16"], adc_gain=[200.0], baseline=[0], write_dir=str(folder),
        )  # fmt: skip
        at = np.concatenate([[18], made.r_B])  # a mark that is no beat opens every record of PhysioNet's
        symbols = ["+", *(SYMBOLS[CLASSES[k]] for k in made.class_B)]
        wfdb.wrann(name, "atr", at, symbol=symbols, aux_note=["(N\x00", *[""] * len(made.r_B)], write_dir=str(folder))
    return root
