"""How many strangers the tab notices, on sounds not in view when it was tuned, and how many people it mistakes."""

import math
from typing import Any

import torch
from torch import Tensor

from benchmarks.voices.methods import waves
from models.speaker import LONGEST_SECONDS, distances, log_mel, statistics
from signals.audio import RATE_HZ, band
from signals.audio import load as read_wave
from training import Arrays
from training.data import esc10, everyday, synthetic
from training.data.speakers import AN4, LIBRISPEECH

TONES_HZ = (110, 220, 440, 1_000, 3_000)
CHORDS_HZ = ((220, 277, 330), (262, 330, 392), (110, 165, 220))
TELEPHONE_HZ = (300.0, 3_400.0)
IN_VIEW = (
    "In view when the limit was set: the training and validation speakers, noises of ESC-10's fold 4 and of everyday "
    "training, and ten other voices of the same program."
)


def strangers(test: Arrays) -> dict[str, list[Tensor]]:
    """Sounds of no person, and of people over another line, each `(T,)`, by what they are."""
    t_T = torch.arange(3 * RATE_HZ) / RATE_HZ
    tones = [0.3 * torch.sin(2 * math.pi * hz * t_T) for hz in TONES_HZ]
    chords = [sum(torch.sin(2 * math.pi * hz * k * t_T) / (20 * k) for hz in c for k in range(1, 5)) for c in CHORDS_HZ]
    low_B, high_B = (torch.tensor([hertz]) for hertz in TELEPHONE_HZ)
    return {
        "noises of ESC-10, fold 5": [read_wave(clip.path) for clip in esc10.clips() if clip.fold == 5],
        "everyday noises, test": [read_wave(noise.path) for noise in everyday.recordings("test")],
        "synthetic voices (espeak-ng)": [read_wave(path) for files in synthetic.speakers().values() for path in files],
        "tones and chords": [*tones, *map(torch.as_tensor, chords)],
        "AN4, test, through a telephone's band": [band(x_T[None], low_B, high_B)[0] for x_T in people(test, AN4)],
    }


def people(test: Arrays, corpus: int) -> list[Tensor]:
    """The test utterances of a corpus, each `(T,)`."""
    return [x_T for x_T, c in zip(waves(test), test[3].tolist(), strict=True) if c == corpus]


def noticed(known: dict[str, Tensor], test: Arrays) -> list[dict[str, Any]]:
    """The share of every kind of stranger that is noticed, and of people's test utterances mistaken for one."""
    corpora = {"AN4, test (people)": AN4, "LibriSpeech, test (people)": LIBRISPEECH}
    real = {name: people(test, corpus) for name, corpus in corpora.items()}
    rows = []
    for name, sounds in (strangers(test) | real).items():
        s_NS = torch.cat([statistics(log_mel(x_T[None, : int(LONGEST_SECONDS * RATE_HZ)])) for x_T in sounds])
        share = (distances(s_NS, known) > known["known_limit"]).double().mean().item()
        rows.append({"name": name, "n": len(sounds), "share": share})
        print(f"| {name} | {len(sounds)} | {share:.3f} |", flush=True)
    return rows


def shown(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The same as the tab shows it."""
    return {
        "caption": "Called “not like any voice that the net knows”",
        "columns": ["sound", "recordings", "called so"],
        "rows": [[r["name"], f"{r['n']}", f"{100 * r['share']:.0f} %"] for r in rows],
        "words": f"Of all but the last two a high share is right; of those a low one. {IN_VIEW}",
    }
