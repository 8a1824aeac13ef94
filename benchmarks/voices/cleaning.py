"""Whether taking noise out helps: trials of which the second recording is clean, noisy, and noisy but denoised."""

import random
from typing import Any

import torch
from torch import Tensor

from benchmarks.voices.methods import Method, waves
from models import CheckpointMissing, load
from models.denoiser import RecurrentDenoiser, enhance
from signals.audio import RATE_HZ, mix
from signals.audio import load as read_wave
from training import Arrays
from training.data import esc10
from training.data.speakers import AN4
from training.tasks.voices import bootstrap_eer, metrics_of_scores

SNRS_DB = (0, 5, 10)
DENOISER = "denoiser_gru"


def noisy(test: Arrays, snr_db: float) -> list[Tensor]:
    """AN4's test utterances, a noise of ESC-10's fold 5 behind each: drawn from seed 0, the same at every SNR."""
    draw = random.Random(0)
    clips = [clip for clip in esc10.clips() if clip.fold == 5]
    made = []
    for x_T in waves(test):
        noise_T = read_wave(draw.choice(clips).path)
        start = draw.randrange(len(noise_T))
        noise_T = noise_T.roll(-start).repeat(1 + len(x_T) // len(noise_T))[: len(x_T)]
        made.append(mix(x_T[None], noise_T[None], float(snr_db))[0][0])
    return made


def cleaning(methods: list[Method], test: Arrays) -> list[dict[str, Any]]:
    """EER on AN4 when the second utterance of a trial is clean, noisy, and noisy but denoised."""
    at_N = test[3] == AN4
    test = tuple(t[at_N] for t in test)
    net = denoiser()
    rows = []
    for method in methods:
        clean_NE = torch.stack([method.place(x_T) for x_T in waves(test)])
        versions = {"clean": list(waves(test))}
        for snr_db in SNRS_DB:
            versions[f"{snr_db} dB, noisy"] = noisy(test, snr_db)
            if net is not None:
                versions[f"{snr_db} dB, denoised"] = [enhance(net, x_T, RATE_HZ) for x_T in noisy(test, snr_db)]
        for version, sounds in versions.items():
            score_NN = method.score(clean_NE, torch.stack([method.place(x_T) for x_T in sounds]))
            interval = bootstrap_eer(score_NN, test[2], rounds=200)
            found = metrics_of_scores(score_NN, test)
            rows.append({"name": method.name, "second": version, "eer": found["eer"], "interval": interval._asdict()})
            print(f"| {method.name} | {version} | {found['eer']:.4f} |", flush=True)
    return rows


def denoiser() -> RecurrentDenoiser | None:
    try:
        return load(RecurrentDenoiser, DENOISER).model
    except CheckpointMissing:
        return None


def shown(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The noisy trials as the tab shows them: a row for each version of the second utterance, a column for each net."""
    names = list(dict.fromkeys(r["name"] for r in rows))
    versions = list(dict.fromkeys(r["second"] for r in rows))
    eers = {(r["name"], r["second"]): r["eer"] for r in rows}
    cells = [[version, *(f"{100 * eers[name, version]:.1f} %" for name in names)] for version in versions]
    return {
        "caption": "Equal error rate on AN4's test trials, first recording clean, second as named",
        "columns": ["second recording", *names],
        "rows": cells,
        "words": conclusion(eers, names[0]),
    }


def conclusion(eers: dict[tuple[str, str], float], name: str) -> str:
    """What the table says, in a sentence made from its numbers."""
    pairs = [(snr, eers[name, f"{snr} dB, noisy"], eers.get((name, f"{snr} dB, denoised"))) for snr in SNRS_DB]
    told = [
        f"at {snr} dB {100 * before:.1f} → {100 * after:.1f} %" for snr, before, after in pairs if after is not None
    ]
    if not told:
        return "The denoiser has no checkpoint yet, so only the noisy trials were measured."
    helped = sum(after < before for _, before, after in pairs if after is not None)
    verdict = {0: "Cleaning hurts", len(told): "Cleaning helps"}.get(
        helped, "Cleaning helps at some levels and hurts at others"
    )
    return (
        f"{verdict} ({name}): {'; '.join(told)}. Noises are ESC-10's fold 5, the intervals over ten speakers are wide."
    )
