"""Every way to take the noise out of speech that the project knows, on the same 120 test mixtures, in one command.

The noisy mixtures themselves; noisereduce as it comes, stationary and adaptive; the Wiener filter and log-MMSE of
`signals/classical.py`; the course work's two nets, whole and compressed; ours, and ours trained without two kinds of
noise; and oracles that know the noise and answer with the best real gain for each bin, as far as a mask of the noisy
phase can go. SI-SDR, SNR, wide-band PESQ and STOI are means over the mixtures, intervals come from drawing the ten test
speakers anew, the noises taken as they are: read them as too narrow if anything. The real-time factor is measured on
one thread, all methods in turns over ten of the mixtures, the median of the rounds; the cost of a live hop is the
median, and the 95th percentile, of one chunk of 16 ms after another.

    OMP_NUM_THREADS=1 python -m benchmarks.denoising
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks._report import Claim, arguments, claim, machine, p95, write
from compression.lowrank import Compressed
from metrics.intervals import means_by_unit
from metrics.sound import snr_db
from models import CheckpointMissing, load
from models.denoiser import ConvDenoiser, LinearDenoiser, RecurrentDenoiser
from signals import classical
from signals.audio import COURSE, RATE_HZ, SPEECH, Frames, istft, stft
from training import Arrays
from training.data import mixtures
from training.tasks.denoising import scores

MEASURES = ("si_sdr_db", "snr_db", "pesq", "stoi")
NETS: dict[str, tuple[str, type[nn.Module]]] = {
    "linear net": ("denoiser_linear", LinearDenoiser),
    "linear net, compressed": ("denoiser_linear_small", Compressed),
    "convolutional net": ("denoiser_cnn", ConvDenoiser),
    "convolutional net, compressed": ("denoiser_cnn_small", Compressed),
    "recurrent net (ours)": ("denoiser_gru", RecurrentDenoiser),
    "recurrent net, two noises unheard": ("denoiser_gru_unheard", RecurrentDenoiser),
}
OURS, UNHEARD, PEER = "recurrent net (ours)", "recurrent net, two noises unheard", "log-MMSE"
NOTES = (
    "The recurrent net was trained to the end of its 20,000 steps, two hours of one core; the others stopped while "
    "still improving, and before everyday noises and narrower bands were mixed in.",
    "GTCRN (Rong et al. 2024, 48 k parameters, published weights, hundreds of hours of training) is not run here. "
    "Measured apart, on another draw of 120 such mixtures and one thread: SI-SDR 10.4 dB, SNR 10.8 dB, PESQ 1.86, "
    "STOI .856, real-time factor .032. Another draw moves every mean by some tenths of a decibel.",
)
Method = Callable[[Tensor], Tensor]
"""Noisy samples `(T,)` to denoised ones."""


@dataclass
class Measured:
    """One method's scores of every mixture, and how long it took for a second of sound."""

    name: str
    scores: dict[str, Tensor]
    parameters: int | None = None
    seconds: list[float] = field(default_factory=list)

    @property
    def real_time_factor(self) -> float | None:
        return statistics.median(self.seconds) if self.seconds else None

    def mean(self, measure: str, chosen_B: Tensor | None = None) -> float:
        values_B = self.scores[measure] if chosen_B is None else self.scores[measure][chosen_B]
        return values_B.nanmean().item()


def ideal(noisy_BT: Tensor, clean_BT: Tensor, frames: Frames) -> Tensor:
    """The oracle ratio mask: the root of speech power over speech and noise power, on the noisy phase."""
    S_BFN, N_BFN = stft(clean_BT, frames), stft(noisy_BT - clean_BT, frames)
    power_BFN, noise_BFN = S_BFN.abs().square(), N_BFN.abs().square()
    gain_BFN = (power_BFN / (power_BFN + noise_BFN + 1e-12)).sqrt()
    return istft(stft(noisy_BT, frames) * gain_BFN, frames, length=noisy_BT.shape[1])


def nets() -> Iterator[tuple[str, nn.Module]]:
    """Those that have been trained."""
    for name, (recipe, kind) in NETS.items():
        try:
            yield name, load(kind, recipe).model
        except CheckpointMissing as missing:
            print(f"{name} is left out: {missing}")


def asked(net: nn.Module) -> Method:
    @torch.no_grad()
    def method(x_T: Tensor) -> Tensor:
        return net(x_T.unsqueeze(0))[0]

    return method


def measured(split: Arrays) -> list[Measured]:
    noisy_BT, clean_BT = split[:2]

    def score(name: str, estimate_BT: Tensor, parameters: int | None = None) -> Measured:
        found = scores(noisy_BT, clean_BT, estimate_BT, perceptual=True)
        row = Measured(name, found, parameters)
        print(f"{name:36}" + "  ".join(f"{m} {row.mean(m):7.3f}" for m in MEASURES if m in found), flush=True)
        return row

    methods: dict[str, tuple[Method, int | None]] = {
        name: (lambda x_T, method=method: method(x_T, RATE_HZ), None) for name, method in classical.METHODS.items()
    }
    methods |= {name: (asked(net), sum(p.numel() for p in net.parameters())) for name, net in nets()}
    rows = [score("noisy", noisy_BT)]
    rows += [
        score(name, torch.stack([method(x_T) for x_T in noisy_BT]), parameters)
        for name, (method, parameters) in methods.items()
    ]
    clock(rows[1:], [method for method, _ in methods.values()], noisy_BT[:: max(1, len(noisy_BT) // 10)])
    rows += [
        score(f"oracle ratio mask, {frames.size}/{frames.hop}", ideal(noisy_BT, clean_BT, frames))
        for frames in (COURSE, SPEECH)
    ]
    return rows


def clock(rows: list[Measured], methods: list[Method], noisy_BT: Tensor) -> None:
    """Seconds of work for a second of sound, all methods in turns, so that a busy moment meets them alike."""
    for x_T in noisy_BT:
        for row, method in zip(rows, methods, strict=True):
            began = time.perf_counter()
            method(x_T)
            row.seconds.append((time.perf_counter() - began) / (len(x_T) / RATE_HZ))


def hops_ms(net: RecurrentDenoiser, x_T: Tensor) -> list[float]:
    """How long each hop of a live recording takes, in milliseconds."""
    stream, found = net.stream(), []
    for chunk_T in x_T.split(net.frames.hop):
        began = time.perf_counter()
        stream.push(chunk_T)
        found.append(1000 * (time.perf_counter() - began))
    return found[2:]  # the first two chunks only fill the first frame


def stream_against_whole_db(net: RecurrentDenoiser, x_T: Tensor) -> float:
    """How far below the sound lies the difference between the live answer, in chunks of 100 ms, and the whole's."""
    stream = net.stream()
    live_T = torch.cat([*(stream.push(chunk_T) for chunk_T in x_T.split(RATE_HZ // 10)), stream.flush()])
    return snr_db(asked(net)(x_T).unsqueeze(0), live_T.unsqueeze(0)).item()


def interval(row: Measured, measure: str, speaker_B: Tensor) -> dict[str, float]:
    return means_by_unit({measure: row.scores[measure]}, speaker_B)[measure]._asdict()


def overall(rows: list[Measured]) -> dict[str, Any]:
    peer = next(r.real_time_factor for r in rows if r.name == "noisereduce, stationary")
    columns = ["method", "SI-SDR dB", "SNR dB", "PESQ", "STOI", "real-time factor", "× noisereduce's", "parameters"]
    cells = [
        [
            row.name,
            *(f"{row.mean(m):.2f}" if m in row.scores else "–" for m in MEASURES[:3]),
            f"{row.mean('stoi'):.3f}",
            "" if row.real_time_factor is None else f"{row.real_time_factor:.4f}",
            "" if row.real_time_factor is None or not peer else f"{row.real_time_factor / peer:.2f}",
            f"{row.parameters:,}" if row.parameters else "",
        ]
        for row in rows
    ]
    return {"columns": columns, "rows": cells}


def parts(rows: list[Measured], split: Arrays) -> dict[str, Any]:
    """Mean SI-SDR gain over the noisy mixture by their ratio and by kind of noise, for every method."""
    snr_db_B, kind_B = split[2:4]
    chosen = {f"{snr:g} dB": snr_db_B == snr for snr in mixtures.SNRS_DB}
    chosen |= {kind.replace("_", " "): kind_B == i for i, kind in enumerate(mixtures.KINDS)}
    n, m = (len(drawn_B) // len(drawn_B.unique()) for drawn_B in (snr_db_B, kind_B))
    return {
        "caption": f"SI-SDR gained by how loud the noise was ({n} mixtures each) and by its kind ({m} each)",
        "columns": ["SI-SDR gain, dB", *chosen],
        "rows": [
            [row.name, *(f"{row.mean('si_sdr_gain_db', which_B):.1f}" for which_B in chosen.values())]
            for row in rows[1:]
        ],
    }


def unheard(rows: list[Measured], split: Arrays) -> dict[str, Any] | None:
    """The same test mixtures, in the two kinds of noise that one net never heard: that net against ours."""
    named = {row.name: row for row in rows}
    if UNHEARD not in named or OURS not in named:
        return None
    left_out = torch.tensor([i for i, kind in enumerate(mixtures.KINDS) if kind in mixtures.UNHEARD])
    which = {"unheard_kinds": torch.isin(split[3], left_out), "other_kinds": ~torch.isin(split[3], left_out)}
    return {
        "kinds": list(mixtures.UNHEARD),
        "n": {part: int(chosen_B.sum()) for part, chosen_B in which.items()},
        "rows": [
            {"name": name} | {part: means(named[name], chosen_B) for part, chosen_B in which.items()}
            for name in (OURS, UNHEARD, PEER)
        ],
    }


def means(row: Measured, chosen_B: Tensor) -> dict[str, float]:
    return {measure: row.mean(measure, chosen_B) for measure in row.scores}


def claims(rows: list[Measured], hop_ms: list[float], faithful_db: float) -> list[Claim]:
    named = {row.name: row for row in rows}
    found = []
    if ours := named.get(OURS):
        found += [
            claim("recurrent net, SI-SDR dB", ours.mean("si_sdr_db"), "≥", 10.0),
            claim("recurrent net, STOI", ours.mean("stoi"), "≥", 0.835),
            claim("recurrent net, real-time factor", ours.real_time_factor or 0, "≤", 0.01),
            claim("recurrent net, ms of work for a live hop of 16 ms (95th percentile)", p95(hop_ms), "≤", 8),
            claim("recurrent net, live against whole, dB below the sound", faithful_db, "≥", 80),
        ]
        if "pesq" in ours.scores:
            found.insert(1, claim("recurrent net, PESQ", ours.mean("pesq"), "≥", 1.78))
    bar = named[PEER].mean("si_sdr_db")
    for name in ("linear net", "convolutional net"):
        if name in named:
            found.append(
                claim(f"{name} against log-MMSE, SI-SDR dB", named[name].mean("si_sdr_db"), "≥", round(bar, 3))
            )
    return found


def beside(rows: list[Measured], recipe: str, split: Arrays) -> list[dict[str, Any]]:
    """The rows that stand beside a recipe in RESULTS.md: everything but its own."""
    own = next(name for name, (known, _) in NETS.items() if known == recipe)
    others = [row for row in rows if row.name != own and row.name not in NETS]
    return [
        {
            "name": row.name,
            "metrics": {m: row.mean(m) for m in row.scores},
            "interval": interval(row, "si_sdr_gain_db", split[4]),
            "parameters": row.parameters,
            "seconds": None,
            "role": "oracle" if row.name.startswith("oracle") else "peer",
        }
        for row in others
    ]


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    split = mixtures.splits().test
    if options.quick:
        split = tuple(t[:12] for t in split)
    rows = measured(split)
    ours = next((net for name, net in nets() if name == OURS), None)
    hop_ms, faithful_db = [], 0.0
    if isinstance(ours, RecurrentDenoiser):
        hop_ms, faithful_db = hops_ms(ours, split[0][:10].flatten()), stream_against_whole_db(ours, split[0][0])
    promised = claims(rows, hop_ms, faithful_db)
    for c in promised:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    if hop_ms:
        print(f"a live hop of 16 ms: median {statistics.median(hop_ms):.2f} ms, 95th percentile {p95(hop_ms):.2f} ms")
    facts = {
        "benchmark": "denoising",
        **measured_on,
        "n": len(split[0]),
        "rows": [
            {
                "name": row.name,
                "metrics": {m: row.mean(m) for m in row.scores},
                "intervals": {m: interval(row, m, split[4]) for m in row.scores},
                "real_time_factor": row.real_time_factor,
                "parameters": row.parameters,
            }
            for row in rows
        ],
        "hop_ms": {"median": statistics.median(hop_ms), "p95": p95(hop_ms), "n": len(hop_ms)} if hop_ms else None,
        "claims": promised,
        "notes": [mixtures.SOURCE.split, mixtures.SOURCE.note, *NOTES],
        "table": overall(rows),
        "parts": parts(rows, split),
        "unheard": unheard(rows, split),
    }
    if not options.quick:
        write("denoising", facts)
        write("denoiser_gru", {**measured_on, "rows": beside(rows, "denoiser_gru", split)})


if __name__ == "__main__":
    main()
