"""Card payments as the sample of them stands in a data root: in order of time, every fourth one a fraud."""

from pathlib import Path

import numpy as np

from signals.payments import FEATURES

ROWS = 120


def write(root: Path) -> Path:
    draw = np.random.default_rng(0)
    fraud_B = np.arange(ROWS) % 4 == 3
    x_BD = draw.normal(size=(ROWS, len(FEATURES)))
    x_BD[fraud_B] += 3 * draw.normal(size=(int(fraud_B.sum()), 1))
    x_BD[:, -1] = np.abs(x_BD[:, -1]) * 40
    rows = np.column_stack([np.arange(ROWS) * 60, x_BD, fraud_B])
    header = ",".join(["Time", *FEATURES, "Class"])
    (root / "creditcard").mkdir(parents=True, exist_ok=True)
    np.savetxt(
        root / "creditcard" / "creditcard_sample.csv", rows, delimiter=",", header=header, comments="", fmt="%.6g"
    )
    return root
