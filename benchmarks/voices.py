"""Who is it: the trials of both nets beside two classical methods, and whether taking noise out helps; in one command.

All methods hear the same test utterances, and all pairs of them are trials: 780 of one speaker, 7,605 of two on
AN4's test speakers, 150 and 1,620 on LibriSpeech test-other's. The classical ones are mean and deviation of 20 MFCC,
whitened (each number brought to deviation 1 on AN4's training speakers) and compared by cosine; and the same through
linear discriminant analysis, its shrinkage chosen on the validation speakers. Our net's two halves stand there one by
one as well. Intervals are over speakers.

The second table: the second utterance of every AN4 trial gets a noise of ESC-10's fold 5 behind it, which no net here
was trained with, and is compared as it is, and after the denoiser of the tab Denoising, where that has a checkpoint.

The third: how many strangers the tab notices (it warns before it answers), and how many real voices it takes for
strangers: noises that no net here was trained with, espeak-ng's voices, tones and chords, and the test utterances.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.voices
"""

import copy
import math
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks._report import Claim, arguments, claim, machine, write
from demos.voices.examples.make import HERE as EXAMPLES
from demos.voices.examples.make import SENTENCES, VOICES, spoken
from models import CheckpointMissing, _checkpoint, load
from models.denoiser import RecurrentDenoiser, enhance
from models.speaker import LONGEST_SECONDS, SiameseGRU, SpeakerNet, Voice, discriminant, embedding, log_mel, statistics
from signals.audio import FULL_SCALE, RATE_HZ, mix
from signals.audio import load as read_wave
from training import Arrays, Splits
from training.data import esc10, everyday
from training.data.speakers import AN4, LIBRISPEECH, splits
from training.tasks.voices import bootstrap_eer, bootstrap_intervals, distances, metrics_of_scores

SNRS_DB = (0, 5, 10)
TONES_HZ = (110, 220, 440, 1_000, 3_000)
CHORDS_HZ = ((220, 277, 330), (262, 330, 392), (110, 165, 220))
SHRINKAGES = (0.01, 0.03, 0.1, 0.3)
DENOISER = "denoiser_gru"
TARGETS = {"eer": 0.05, "eer_librispeech": 0.01}
NOTES = (
    "AN4 probably has one session a speaker, so the room and the microphone help every method here.",
    "LibriSpeech test-other's ten speakers have one chapter each: too easy to rank nets.",
    "`speaker` is chosen on validation, but some six versions of it were seen on test while it was made.",
)


def cosine(a_NE: Tensor, b_ME: Tensor) -> Tensor:
    """Of points of length 1."""
    return a_NE @ b_ME.T


@dataclass(frozen=True)
class Method:
    """Something that turns an utterance `x_T` into a point of length 1, and how many numbers it keeps."""

    name: str
    place: Callable[[Tensor], Tensor]
    parameters: int
    seconds: float | None = None
    score: Callable[[Tensor, Tensor], Tensor] = cosine
    """How alike two lists of points are, `(N, E)` and `(M, E)` to `(N, M)`."""
    role: Literal["peer", "ours"] = "peer"
    """Beside which `speaker` stands in the tables: a method of its own, or a part of `speaker` itself."""


def waves(split: Arrays) -> Iterator[Tensor]:
    """The utterances of a split, each `(T,)` in [-1, 1]."""
    for x_T, length in zip(split[0], split[1].tolist(), strict=True):
        yield x_T[:length].float() / FULL_SCALE


@cache
def mfcc() -> Callable[[Tensor], Tensor]:
    """20 MFCC of 32 ms every 10 ms, from 40 mel bands."""
    from torchaudio.transforms import MFCC

    return MFCC(RATE_HZ, n_mfcc=20, melkwargs={"n_fft": 512, "hop_length": 160, "n_mels": 40})


def mean_and_deviation(x_T: Tensor) -> Tensor:
    """Of every MFCC over time: `(40,)`."""
    c_KN = mfcc()(x_T)
    return torch.cat([c_KN.mean(1), c_KN.std(1)])


def classical(found: Splits) -> Iterator[Method]:
    """The two methods without a net, fitted on AN4's training speakers and chosen on the validation ones."""
    began = time.process_time()
    at_N = found.train[3] == AN4
    train = tuple(t[at_N] for t in found.train)
    s_NS = torch.stack([mean_and_deviation(x_T) for x_T in waves(train)])
    mean_S, deviation_S = s_NS.mean(0), s_NS.std(0)

    def whitened(x_T: Tensor) -> Tensor:
        return F.normalize((mean_and_deviation(x_T) - mean_S) / deviation_S, dim=0)

    yield Method("20 MFCC: mean and deviation, whitened", whitened, 2 * len(mean_S), time.process_time() - began)

    def through(mean_S: Tensor, matrix_SE: Tensor) -> Callable[[Tensor], Tensor]:
        return lambda x_T: F.normalize((mean_and_deviation(x_T) - mean_S) @ matrix_SE, dim=0)

    fits = [discriminant(s_NS, train[2], 30, shrinkage=shrinkage) for shrinkage in SHRINKAGES]
    scores = [metrics_of_scores(cosines(through(*fit), found.valid), found.valid)["eer"] for fit in fits]
    best = scores.index(min(scores))
    name = f"20 MFCC, linear discriminant (shrinkage {SHRINKAGES[best]:g})"
    yield Method(name, through(*fits[best]), fits[best][1].numel(), time.process_time() - began)


def of_net(name: str, model: Voice, seconds: float | None = None) -> Method:
    parameters = sum(t.numel() for t in model.state_dict().values())
    return Method(name, lambda x_T: embedding(model, x_T), parameters, seconds, torch.no_grad()(model.score))


def halves(net: SpeakerNet) -> Iterator[Method]:
    """Our net with only one of its two hearings."""
    for name, share in (
        ("`speaker`, its statistics alone (closed form)", 1.0),
        ("`speaker`, its convolutions alone", 0.0),
    ):
        half = copy.deepcopy(net)
        half.share = share
        yield replace(of_net(name, half), role="ours")


def cosines(place: Callable[[Tensor], Tensor], split: Arrays) -> Tensor:
    """`(N, N)` cosines of all utterances of a split."""
    e_NE = torch.stack([place(x_T) for x_T in waves(split)])
    return cosine(e_NE, e_NE)


def row(method: Method, test: Arrays) -> dict[str, Any]:
    """One method on all test trials."""
    e_NE = torch.stack([method.place(x_T) for x_T in waves(test)])
    score_NN = method.score(e_NE, e_NE)
    found = bootstrap_intervals(score_NN, test)
    return {
        "name": method.name,
        "metrics": metrics_of_scores(score_NN, test),
        "interval": found["eer"]._asdict(),
        "interval_librispeech": found["eer_librispeech"]._asdict() if "eer_librispeech" in found else None,
        "parameters": method.parameters,
        "seconds": None if method.seconds is None else round(method.seconds, 1),
        "role": method.role,
    }


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


def strangers() -> dict[str, list[Tensor]]:
    """Sounds of no person `(T,)`, by what they are."""
    t_T = torch.arange(3 * RATE_HZ) / RATE_HZ
    tones = [0.3 * torch.sin(2 * math.pi * hz * t_T) for hz in TONES_HZ]
    chords = [sum(torch.sin(2 * math.pi * hz * k * t_T) / (20 * k) for hz in c for k in range(1, 5)) for c in CHORDS_HZ]
    return {
        "noises of ESC-10, fold 5": [read_wave(clip.path) for clip in esc10.clips() if clip.fold == 5],
        "everyday noises, test": [read_wave(noise.path) for noise in everyday.recordings("test")],
        "synthetic voices (espeak-ng)": synthetic_voices(),
        "tones and chords": [*tones, *map(torch.as_tensor, chords)],
    }


def synthetic_voices() -> list[Tensor]:
    """Six voices that say four sentences; where the program is not here, the six recordings that ship."""
    if shutil.which("espeak-ng"):
        return [spoken(*voice, text) for voice in VOICES.values() for text in SENTENCES]
    return [read_wave(path) for path in sorted(EXAMPLES.glob("*.flac"))]


def noticed(known: dict[str, Tensor], test: Arrays) -> list[dict[str, Any]]:
    """The share of every kind of stranger that is noticed, and of real test utterances that are mistaken for one."""
    corpora = {"AN4, test (real voices)": AN4, "LibriSpeech, test (real voices)": LIBRISPEECH}
    real = {
        name: [x_T for x_T, c in zip(waves(test), test[3].tolist(), strict=True) if c == n]
        for name, n in corpora.items()
    }
    rows = []
    for name, sounds in (strangers() | real).items():
        s_NS = torch.cat([statistics(log_mel(x_T[None, : int(LONGEST_SECONDS * RATE_HZ)])) for x_T in sounds])
        share = (distances(s_NS, known) > known["known_limit"]).double().mean().item()
        rows.append({"name": name, "n": len(sounds), "share": share})
        print(f"| {name} | {len(sounds)} | {share:.3f} |", flush=True)
    return rows


def shown_strangers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The same as the tab shows it."""
    return {
        "caption": "Called “not like any voice that the net knows”",
        "columns": ["sound", "recordings", "called so"],
        "rows": [[r["name"], f"{r['n']}", f"{100 * r['share']:.0f} %"] for r in rows],
        "words": "Of noises, synthetic voices, tones and chords a high share is right; of real voices, a low one.",
    }


def claims(rows: list[dict[str, Any]]) -> list[Claim]:
    own = next(r for r in rows if r["name"] == "`speaker`")["metrics"]
    names = {"eer": "EER on AN4, speaker", "eer_librispeech": "EER on LibriSpeech test-other, speaker"}
    return [claim(names[key], own[key], "≤", target) for key, target in TARGETS.items() if key in own]


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns = [
        "method",
        "AN4 EER (95 % interval)",
        "same sex",
        "minDCF(0.01)",
        "LibriSpeech EER (95 % interval)",
        "numbers kept",
    ]
    return {"columns": columns, "rows": [cells(r) for r in rows]}


def cells(r: dict[str, Any]) -> list[str]:
    m = r["metrics"]
    other = f"{100 * m['eer_librispeech']:.1f} %{span(r['interval_librispeech'])}" if "eer_librispeech" in m else ""
    same_sex = f"{100 * m['eer_same_sex']:.1f} %" if "eer_same_sex" in m else ""
    eer = f"{100 * m['eer']:.1f} %{span(r['interval'])}"
    return [r["name"], eer, same_sex, f"{m['min_dcf']:.2f}", other, f"{r['parameters']:,}"]


def span(interval: dict[str, float] | None) -> str:
    return f" ({100 * interval['low']:.1f} to {100 * interval['high']:.1f})" if interval else ""


def smaller(found: Splits) -> Splits:
    """Every third utterance, for a quick look."""
    return Splits(*(tuple(t[::3] for t in arrays) for arrays in found))


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    found = smaller(splits()) if options.quick else splits()
    net, twins = load(SpeakerNet, "speaker").model, load(SiameseGRU, "speaker_siamese").model
    seconds = {name: _checkpoint.card(name).provenance["seconds"] for name in ("speaker", "speaker_siamese")}
    nets = [
        of_net("`speaker`", net, seconds["speaker"]),
        of_net("`speaker_siamese`", twins, seconds["speaker_siamese"]),
    ]
    rows = []
    for method in (*classical(found), *halves(net), *nets):
        rows.append(row(method, found.test))
        print(f"| {' | '.join(cells(rows[-1]))} |", flush=True)
    noisy_rows = cleaning(nets, found.test)
    noticed_rows = noticed(load(SpeakerNet, "speaker").evidence, found.test)
    kept = claims(rows)
    for c in kept:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    if options.quick:
        return
    facts = {"benchmark": "voices", **measured_on, "rows": rows, "claims": kept, "notes": list(NOTES)}
    write(
        "voices",
        facts
        | {"table": table(rows), "noisy": noisy_rows, "cleaning": shown(noisy_rows)}
        | {"noticed": noticed_rows, "strangers": shown_strangers(noticed_rows)},
    )
    peers = [r for r in rows if r["name"] not in ("`speaker`", "`speaker_siamese`")]
    write("speaker", {**measured_on, "rows": [r | {"metrics": {"eer": r["metrics"]["eer"]}} for r in peers]})


if __name__ == "__main__":
    main()
