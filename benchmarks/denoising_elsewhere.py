"""The denoisers away from home: in everyday noises that training has no source of, and through a telephone.

Four sets of 120 mixtures of the same ten speakers: ESC-10's test fold, everyday noise (`noise/test`: cafes, streets,
trains, machines), and both again between 300 and 3,400 Hz. Every method on the same mixtures: the noisy sound itself,
log-MMSE, and the project's nets; SI-SDR, wide-band PESQ and STOI, means over the mixtures.

    OMP_NUM_THREADS=1 python -m benchmarks.denoising_elsewhere
"""

from typing import Any

import torch

from benchmarks._report import Claim, arguments, claim, machine, write
from benchmarks.denoising import OURS, PEER, asked, interval, nets
from benchmarks.denoising import Measured as Scored
from signals import classical
from signals.audio import RATE_HZ
from training import Arrays
from training.data import mixtures
from training.tasks.denoising import scores

NOISY = "noisy"
MEASURES = {"si_sdr_db": ".1f", "pesq": ".2f", "stoi": ".3f"}
HOME = "ESC-10, full band"
MARGIN_DB = 3.0
"""By so much ours is to be better than log-MMSE on every set away from home."""


def sets() -> dict[str, Arrays]:
    """The four test sets; DataMissing."""
    everyday = mixtures.everyday_test()
    home = mixtures.splits().test
    return {
        HOME: home,
        "ESC-10, telephone": mixtures.telephone(home),
        "everyday noise, full band": everyday,
        "everyday noise, telephone": mixtures.telephone(everyday),
    }


def measured(split: Arrays) -> dict[str, Scored]:
    """Every method's scores of every mixture, by its name."""
    noisy_BT, clean_BT = split[:2]
    estimates = {NOISY: noisy_BT}
    estimates[PEER] = torch.stack([classical.METHODS[PEER](x_T, RATE_HZ) for x_T in noisy_BT])
    estimates |= {name: torch.stack([asked(net)(x_T) for x_T in noisy_BT]) for name, net in nets()}
    return {name: Scored(name, scores(noisy_BT, clean_BT, x_BT, perceptual=True)) for name, x_BT in estimates.items()}


def table(found: dict[str, dict[str, Scored]]) -> dict[str, Any]:
    """A row a method, a column a set: SI-SDR / PESQ / STOI; what is worse than the noisy sound says so."""
    return {
        "caption": "Away from home: SI-SDR dB / PESQ / STOI, higher is better; in brackets: below the noisy sound's",
        "columns": ["method", *found],
        "rows": [[name, *(_cell(rows[name], rows[NOISY]) for rows in found.values())] for name in found[HOME]],
    }


def _cell(row: Scored, noisy: Scored) -> str:
    words = " / ".join(f"{row.mean(m):{form}}" for m, form in MEASURES.items() if m in row.scores)
    return f"({words})" if row.mean("si_sdr_db") < noisy.mean("si_sdr_db") else words


def claims(found: dict[str, dict[str, Scored]]) -> list[Claim]:
    """Ours against log-MMSE and against the noisy sound, on every set but the one that is home."""
    promised = []
    for name, rows in found.items():
        if name == HOME or OURS not in rows:
            continue
        gained = rows[OURS].mean("si_sdr_db") - rows[PEER].mean("si_sdr_db")
        promised.append(claim(f"{name}: dB of SI-SDR above log-MMSE", gained, "≥", MARGIN_DB))
        heard = rows[OURS].mean("stoi") - rows[NOISY].mean("stoi")
        promised.append(claim(f"{name}: STOI above the noisy sound's", heard, "≥", 0))
    return promised


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    chosen = {name: tuple(t[:12] for t in split) if options.quick else split for name, split in sets().items()}
    found = {name: measured(split) for name, split in chosen.items()}
    shown = table(found)
    for line in (shown["columns"], *shown["rows"]):
        print("  ".join(f"{cell:36}" for cell in line))
    promised = claims(found)
    for c in promised:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    rows = [
        {
            "name": f"{method}, {name}",
            "metrics": {m: row.mean(m) for m in row.scores},
            "intervals": {m: interval(row, m, chosen[name][4]) for m in row.scores},
        }
        for name, methods in found.items()
        for method, row in methods.items()
    ]
    facts = {"benchmark": "denoising_elsewhere", **measured_on, "n": {k: len(v[0]) for k, v in chosen.items()}}
    if not options.quick:
        write("denoising_elsewhere", facts | {"rows": rows, "claims": promised, "table": shown})


if __name__ == "__main__":
    main()
