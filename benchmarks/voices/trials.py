"""Every method on all test trials: equal error rates by corpus, their intervals, and what was promised."""

from typing import Any

import torch

from benchmarks._report import Claim, claim
from benchmarks.voices.methods import Method, waves
from training import Arrays
from training.tasks.voices import bootstrap_intervals, metrics_of_scores

TARGETS = {"eer": 0.04, "eer_librispeech": 0.01, "eer_synthetic": 0.1}
NAMES = {"eer": "AN4", "eer_librispeech": "LibriSpeech test-other", "eer_synthetic": "synthetic voices"}
COLUMNS = (
    "method",
    *(f"{name} EER (95 % interval)" for name in NAMES.values()),
    "AN4, same sex",
    "AN4, minDCF(0.01)",
    "numbers kept",
)


def row(method: Method, test: Arrays) -> dict[str, Any]:
    """One method on all test trials."""
    e_NE = torch.stack([method.place(x_T) for x_T in waves(test)])
    score_NN = method.score(e_NE, e_NE)
    found = bootstrap_intervals(score_NN, test)
    return {
        "name": method.name,
        "metrics": metrics_of_scores(score_NN, test),
        "interval": found["eer"]._asdict(),
        "intervals": {key: interval._asdict() for key, interval in found.items()},
        "parameters": method.parameters,
        "seconds": None if method.seconds is None else round(method.seconds, 1),
        "role": method.role,
    }


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    own = next(r for r in rows if r["name"] == "`speaker`")["metrics"]
    return [claim(f"EER on {NAMES[key]}, speaker", own[key], "≤", target) for key, target in TARGETS.items()]


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"columns": list(COLUMNS), "rows": [cells(r) for r in rows]}


def cells(r: dict[str, Any]) -> list[str]:
    m = r["metrics"]
    rates = [f"{100 * m[key]:.1f} %{span(r['intervals'][key])}" for key in NAMES]
    same_sex = f"{100 * m['eer_same_sex']:.1f} %" if "eer_same_sex" in m else ""
    return [r["name"], *rates, same_sex, f"{m['min_dcf']:.2f}", f"{r['parameters']:,}"]


def span(interval: dict[str, float]) -> str:
    return f" ({100 * interval['low']:.1f} to {100 * interval['high']:.1f})"
