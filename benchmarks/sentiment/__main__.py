"""Praise or blame: the recurrent nets beside counted words, on IMDB's official test of 25,000 reviews, in one command.

All are fitted on the same 22,380 texts, and all that is chosen is chosen on the 2,500 that validate: C of the linear
peers, NBSVM's β, what makes log-odds of an SVM's distance, and the share of a net in a blend, whose log-odds are the
weighted mean of the net's and NBSVM's. “The four nets” answer by the mean of their log-odds. Peers read whole texts,
nets 400 words of each. Intervals are Wilson's.

Multiply-adds are counted by formula, of a text of so many words as the median review has; milliseconds are of one text
at a time on one thread, words to answer, in turns: compare them with each other only. “int8” is torch's dynamic
quantization of the recurrent layers (it has none for the plain RNN).

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.sentiment
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks._report import arguments, claim, machine, report, write
from benchmarks.sentiment.peers import Reader, Words, accuracy, fitted
from compression.cost import latencies_ms
from compression.quantization import legacy_dynamic
from metrics.classification import binary, confusion
from metrics.intervals import wilson
from models import CheckpointMissing
from models.sentiment import Sentiment
from signals.behaviour import EACH, KINDS, cases, failures
from signals.text import batch, ends, words
from training.data import imdb
from training.data.imdb import Reviews
from training.recipes import find
from training.tasks.sentiment import logits

NETS = ("sentiment_rnn", "sentiment_lstm", "sentiment_gru", "sentiment_bilstm")
PLAIN = ("sentiment_rnn_last", "sentiment_lstm_last", "word2vec")
"""The course work's form, whose last state answers, and the mean of the vectors."""
SHARES = [i / 20 for i in range(21)]
SOME = 5_000
"""Of test, on how many the price of int8 is told."""
LENGTHS = (0, 100, 150, 200, 300, 400, 10_000)
NOTES = (
    "Texts that stand in test too (123) or in validation are left out of training; test keeps its own repeats (199).",
    "The shares of the blend and every C were chosen on validation; test was read by each method once.",
)


def ours(name: str) -> Reader:
    """A net as it ships."""
    net: Any = find(name).checkpoint().model
    return Reader(f"`{name}`", reads(net), products(net), is_ours=True)


def made(names: tuple[str, ...]) -> Iterator[str]:
    """Those that have a checkpoint; of the others it is said that they have none."""
    for name in names:
        try:
            find(name).checkpoint()
            yield name
        except CheckpointMissing as error:
            print(f"Left out: {error}", flush=True)


def together(nets: Sequence[Reader]) -> Reader:
    """The mean of several nets' log-odds."""
    return Reader(
        f"the {len(nets)} nets", lambda texts: torch.stack([net.read(texts) for net in nets]).mean(0),
        lambda n: sum(net.products(n) for net in nets), is_ours=True,
    )  # fmt: skip


def reads(net: Any) -> Callable[[Words], Tensor]:
    return lambda texts: logits(net, *batch([ends(net.vocabulary.ids(text)) for text in texts]))


def products(net: Any) -> Callable[[int], int]:
    """Multiply-adds for a text of so many words: gates, the vectors' own part, the head."""
    if not isinstance(net, Sentiment):
        return lambda n: net.dimensions
    inner = sum(p.numel() for name, p in net.named_parameters() if "weight" in name and name != "head.weight")
    return lambda n: min(n, 400) * (inner + net.own_RD.numel()) + net.head.in_features


def blended(net: Reader, peer: Reader, valid: Reviews, found: dict[str, Tensor]) -> Reader:
    """The weighted mean of two readers' log-odds; `found` has them on `valid` by name."""
    label_B = valid.label_B == 1
    right = {s: ((s * found[net.name] + (1 - s) * found[peer.name] > 0) == label_B).double().mean() for s in SHARES}
    share = max(right, key=lambda s: right[s])
    return Reader(
        f"blend of {net.name} ({share:.0%}) and {peer.name}",
        lambda texts: share * net.read(texts) + (1 - share) * peer.read(texts),
        lambda n: net.products(n) + peer.products(n), is_ours=True,
    )  # fmt: skip


# What is measured of each


def row(reader: Reader, test: Reviews, logit_B: Tensor) -> dict[str, Any]:
    """Measures on test, its interval, accuracy by length, and how many of each kind's cases fail."""
    counts_22 = confusion((logit_B > 0).long(), test.label_B, 2)
    metrics = binary(counts_22)
    right_B = (logit_B > 0) == (test.label_B == 1)
    n_B = torch.tensor([len(text) for text in test.texts])
    inside = {f"{low}": right_B[(n_B > low) & (n_B <= high)].double() for low, high in pairwise(LENGTHS)}
    by_length = {key: [value.mean().item() if len(value) else None, len(value)] for key, value in inside.items()}
    praise = reader.read([words(text) for case in cases() for text in (case.text, case.beside)]).sigmoid()
    failed = failures(praise[::2].tolist(), praise[1::2].tolist())
    interval = wilson(metrics["accuracy"], len(right_B))._asdict()
    role = "ours" if reader.is_ours else "peer"
    return {
        "name": reader.name, "metrics": metrics, "interval": interval, "role": role, "by_length": by_length,
        "failed": failed,
    }  # fmt: skip


def cells(found: dict[str, Any]) -> list[str]:
    m, i = found["metrics"], found["interval"]
    shares = (f"{100 * m[key]:.2f}" for key in ("precision", "recall", "f1"))
    return [found["name"], f"{100 * m['accuracy']:.2f} ({100 * i['low']:.2f} to {100 * i['high']:.2f})", *shares]


def tables(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """As RESULTS.md shows them."""
    n = rows[0]["interval"]["n"]
    lengths = [f"{low + 1} to {high}" for low, high in pairwise(LENGTHS[:-1])]
    lengths.append("above 400")
    of_each = [n for _, n in rows[0]["by_length"].values()]
    per_cent = [[f"{100 * a:.1f}" if a is not None else "–" for a, _ in r["by_length"].values()] for r in rows]
    return {
        "readers": {
            "caption": f"Test: the official {n:,} reviews; per cent, ↑ higher is better",
            "columns": ["what", "accuracy ↑ (95 % interval)", "precision ↑", "recall ↑", "F1 ↑"],
            "rows": [cells(r) for r in rows],
        },
        "lengths": {
            "caption": "Accuracy ↑ by the words of a review, per cent",
            "columns": ["what", *(f"{words} (n = {n:,})" for words, n in zip(lengths, of_each, strict=True))],
            "rows": [[r["name"], *said] for r, said in zip(rows, per_cent, strict=True)],
        },
        "behaviour": {
            "caption": f"Our own sentences, {EACH} a kind: the share that fails ↓, per cent",
            "columns": ["what", *KINDS, "all"],
            "rows": [
                [r["name"], *(f"{100 * n / EACH:.0f}" for n in r["failed"].values()),
                 f"{100 * sum(r['failed'].values()) / EACH / len(KINDS):.1f}"]
                for r in rows
            ],
            "words": "A reader fails where it " + "; where it ".join(f"{v} ({k})" for k, v in KINDS.items()) + ".",
        },
    }  # fmt: skip


def costs(readers: list[Reader], test: Reviews) -> dict[str, Any]:
    """Milliseconds and multiply-adds of one review, and the same in int8, with what int8 costs on some of test."""
    text, some = sorted(test.texts, key=len)[len(test.texts) // 2], Reviews(test.texts[:SOME], test.label_B[:SOME])
    small = {f"{reader.name}, int8": reader for reader in quantized(readers)}
    every = {reader.name: reader for reader in readers} | small
    right = {name: accuracy(r.read, some) for name, r in every.items() if name in small or f"{name}, int8" in small}
    timed = latencies_ms({name: (lambda r=r: r.read([text])) for name, r in every.items()}, rounds=30)
    return {
        "caption": f"One review of {len(text)} words, the median, on one thread",
        "columns": ["what", "ms ↓", "multiply-adds ↓", f"accuracy on {len(some.texts):,} of test ↑, %"],
        "rows": [
            [
                name,
                f"{timed[name]:.2f}",
                f"{r.products(len(text)):,}",
                f"{100 * right[name]:.2f}" if name in right else "",
            ]
            for name, r in every.items()
        ],
    }


def quantized(readers: list[Reader]) -> Iterator[Reader]:
    """The gated nets with int8 recurrent layers."""
    for name in NETS[1:]:
        net: Any = legacy_dynamic(find(name).checkpoint().model, {nn.LSTM, nn.GRU})
        yield Reader(f"`{name}`", reads(net), next(r for r in readers if r.name == f"`{name}`").products, is_ours=True)


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, parts = machine(), imdb.parts(one_in=50 if options.quick else 1)
    readers = [*fitted(parts), *(ours(name) for name in (*made(PLAIN), *NETS))]
    valid = {reader.name: reader.read(parts.valid.texts) for reader in readers}
    nb = max((r for r in readers if r.name.startswith("NBSVM")), key=lambda r: _share(valid[r.name], parts.valid))
    leader = max((r for r in readers if r.is_ours), key=lambda r: _share(valid[r.name], parts.valid))
    four = together([r for r in readers if r.name.strip("`") in NETS])
    valid[four.name] = four.read(parts.valid.texts)
    readers += [four, *(blended(one, nb, parts.valid, valid) for one in (four, leader))]
    rows = []
    for reader in readers:
        rows.append(row(reader, parts.test, reader.read(parts.test.texts)))
        print(f"| {' | '.join(cells(rows[-1]))} |", flush=True)
    found = tables(rows) | {"costs": costs(readers, parts.test)}
    report(
        "sentiment",
        measured_on,
        [],
        claims=claims(rows, leader.name),
        tables=found,
        notes=NOTES,
        keep=not options.quick,
    )
    if not options.quick:
        peers = [r for r in rows if r["name"] != leader.name]
        write(leader.name.strip("`"), {**measured_on, "rows": peers})


def claims(rows: list[dict[str, Any]], leader: str) -> list[Any]:
    """PROTOCOLS' targets, in per cent."""
    right = {r["name"]: 100 * r["metrics"]["accuracy"] for r in rows}
    gated = min(right[f"`{name}`"] for name in NETS[1:])
    return [
        claim("accuracy of the RNN, %", right["`sentiment_rnn`"], "≥", 84),
        claim("accuracy of each gated net, %", gated, "≥", 89.5),
        claim("accuracy of the best net, %", right[leader], "≥", 90.5),
        claim("accuracy of its blend with NBSVM, %", rows[-1]["metrics"]["accuracy"] * 100, "≥", 92.5),
    ]


def _share(logit_B: Tensor, part: Reviews) -> float:
    return ((logit_B > 0) == (part.label_B == 1)).double().mean().item()


if __name__ == "__main__":
    main()
