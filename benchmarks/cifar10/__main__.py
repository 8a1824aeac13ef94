"""CIFAR-10: two kinds of net and what needs none, on the official test of 10,000 pictures, in one command.

All numbers are of a JPEG-compressed copy, a little harder than the original. All learn from the same 45,000 pictures,
and all that is chosen is chosen on 5,000 more. “With flips” is the mean of the answers to a picture and to its mirror
image: a second question, so it stands apart. “Without twins” leaves out the test pictures that have a near-duplicate in
the official training set, as `cifar_cnn` sees it (`training/_near_duplicates.py`). Intervals are Wilson's.

PFLOP of a training are counted: twice the multiply-adds of one picture, three times (forward, and twice as much
backward), times the pictures met. Seconds are of training, on the machine that the card names.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.cifar10
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from benchmarks._report import Claim, arguments, claim, machine, report, write
from benchmarks.cifar10.peers import fitted
from compression.cost import macs
from metrics.classification import accuracy
from metrics.intervals import wilson
from models import Card, CheckpointMissing
from signals.scramble import BLOCKS
from training import Splits, find
from training.data import cifar10 as data
from training.tasks import cifar10

LEADER = "cifar_cnn"
NETS = (LEADER, "cifar_cnn_course", "cifar_mlp", "cifar_mlp_course", "cifar_mlp_course_small")
TARGETS = {
    "cifar_mlp_course": 60,
    "cifar_mlp_course_small": 60,
    "cifar_mlp": 68,
    "cifar_cnn_course": 86,
    LEADER: 93,
}
"""PROTOCOLS 15, per cent on test, without flips."""
MOONSHOTS = {"cifar_mlp": ("accuracy", 72), LEADER: ("accuracy_flips", 94)}
"""airbench94's own 94 % is with flips and shifts."""
NOTES = (
    "Measured on a JPEG-compressed copy of CIFAR-10: compare with published figures only roughly.",
    "Barz and Denzler (2020) found near-duplicates of 3.25 % of the test pictures by looking at every candidate.",
)
Row = dict[str, Any]


def made(names: tuple[str, ...]) -> Iterator[str]:
    """Those that have a checkpoint; of the others it is said that they have none."""
    for name in names:
        try:
            find(name).checkpoint()
            yield name
        except CheckpointMissing as error:
            print(f"Left out: {error}", flush=True)


def figures(predicted_B: Tensor, label_B: Tensor, twin_B: Tensor) -> Row:
    """Accuracy with its interval, without twins, and of each class."""
    right, n = accuracy(predicted_B, label_B), len(label_B)
    alone_B = ~twin_B
    return {
        "metrics": {"accuracy": right, "accuracy_without_twins": accuracy(predicted_B[alone_B], label_B[alone_B])},
        "interval": wilson(right, n)._asdict(),
        "n": n,
        "classes": [accuracy(predicted_B[label_B == c], label_B[label_B == c]) for c in range(len(data.CLASSES))],
    }


def net_row(name: str, splits: Splits, twin_B: Tensor) -> Row:
    """A net as it ships."""
    checkpoint, (x_B, label_B) = find(name).checkpoint(), splits.test[:2]
    plain_B, both_B = (cifar10.predict_logits(checkpoint.model, x_B, flips=flips).argmax(1) for flips in (False, True))
    row = {"name": f"`{name}`", "role": "ours", **figures(plain_B, label_B, twin_B)}
    row["metrics"]["accuracy_flips"] = accuracy(both_B, label_B)
    facts = {"parameters": checkpoint.card.parameters, "seconds": checkpoint.card.provenance["seconds"]}
    return row | facts | {"petaflop": petaflop(checkpoint.model, checkpoint.card), "seeds": over_seeds(checkpoint.card)}


def petaflop(model: Any, card: Card) -> float:
    """10¹⁵ floating-point operations of the training, forward and backward."""
    x_BCHW = torch.rand(1, 3, data.SIDE, data.SIDE)
    met = card.budget["stopped_at"] * card.budget["batch_size"]
    return 3 * 2 * macs(model, x_BCHW) * met / 1e15


def over_seeds(card: Card) -> str:
    values = 100 * torch.tensor([each["accuracy"] for each in card.seeds.values()], dtype=torch.float64)
    return f"{values.mean():.2f} ± {values.std():.2f} ({len(values)})" if len(values) > 1 else "one seed"


def peer_rows(splits: Splits, twin_B: Tensor) -> Iterator[Row]:
    """Each peer, fitted and asked."""
    x_B, label_B = splits.test[:2]
    for peer in fitted(splits):
        facts = {"name": peer.name, "role": "peer", "parameters": peer.numbers, "seconds": peer.seconds}
        yield facts | figures(peer.predict(x_B), label_B, twin_B)


def cells(row: Row) -> list[str]:
    """A row of the main table."""
    found, span = row["metrics"], row["interval"]
    return [
        row["name"],
        f"{100 * found['accuracy']:.2f} ({100 * span['low']:.2f} to {100 * span['high']:.2f})",
        f"{100 * found['accuracy_flips']:.2f}" if "accuracy_flips" in found else "",
        f"{100 * found['accuracy_without_twins']:.2f}",
        row.get("seeds", ""),
        f"{row['petaflop']:.3f}" if "petaflop" in row else "",
        f"{row['seconds']:,.0f}",
        f"{row['parameters']:,}",
    ]


def scrambled(splits: Splits) -> list[list[str]]:
    """A row for each block: the perceptron's accuracy and the convolutional net's."""
    x_B, label_B = splits.test[:2]
    rows = []
    for block in BLOCKS:
        said = []
        for kind in ("mlp", "cnn"):
            for name in made((f"cifar_{kind}_scrambled_{block}",)):
                right = accuracy(cifar10.predict_logits(find(name).checkpoint().model, x_B).argmax(1), label_B)
                span = wilson(right, len(label_B))
                said.append(f"{100 * right:.2f} ({100 * span.low:.2f} to {100 * span.high:.2f})")
        if len(said) == 2:
            rows.append([f"{block} × {block}", *said])
    return rows


def tables(rows: list[Row], mixed: list[list[str]], twin_B: Tensor) -> dict[str, Any]:
    """What stands in RESULTS.md besides the claims."""
    copy = data.COMPRESSED
    return {
        "nets": {
            "caption": f"Test: the official {len(twin_B):,} pictures, {int(twin_B.sum()):,} of them with a twin in the "
            f"official training set; {copy}; accuracy in per cent, ↑ higher is better",
            "columns": [
                "what", "accuracy ↑ (95 % interval)", "with flips ↑", "without twins ↑", "over seeds",
                "PFLOP", "seconds", "numbers",
            ],
            "rows": [cells(row) for row in rows],
        },
        "classes": {
            "caption": f"Of each class's 1,000 test pictures, how many are named so, per cent ↑; {copy}",
            "columns": ["what", *data.CLASSES],
            "rows": [[row["name"], *(f"{100 * right:.1f}" for right in row["classes"])] for row in rows],
        },
        "scrambled": {
            "caption": f"Small nets on pixels mixed up within blocks, the same budget: accuracy ↑ in per cent; {copy}",
            "columns": ["block", "perceptron (95 % interval)", "convolutional (95 % interval)"],
            "rows": mixed,
        },
    }  # fmt: skip


def claims(rows: list[Row]) -> list[Claim]:
    """PROTOCOLS 15, of the nets that are there."""
    by = {row["name"].strip("`"): row["metrics"] for row in rows}
    found = [
        claim(f"accuracy of {name}, %", 100 * by[name]["accuracy"], "≥", t) for name, t in TARGETS.items() if name in by
    ]
    for name, (key, target) in MOONSHOTS.items():
        if name in by:
            how = " with flips" if key == "accuracy_flips" else ""
            found.append(claim(f"accuracy of {name}{how}, %: moonshot", 100 * by[name][key], "≥", target))
    return found


def few(splits: Splits, n: int) -> Splits:
    """The first `n` of each split."""
    return Splits(*(tuple(t[:n] for t in arrays) for arrays in splits))


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, splits = machine(), data.splits()
    twin_B = find(LEADER).checkpoint().evidence["twin"]
    if options.quick:
        splits, twin_B = few(splits, 500), twin_B[:500]
    rows = []
    for row in (*(net_row(name, splits, twin_B) for name in made(NETS)), *peer_rows(splits, twin_B)):
        rows.append(row)
        print(f"| {' | '.join(cells(row))} |", flush=True)
    found = tables(rows, scrambled(splits), twin_B)
    report("cifar10", measured_on, [], claims=claims(rows), tables=found, notes=NOTES, keep=not options.quick)
    if not options.quick:
        for name in (row["name"].strip("`") for row in rows if row["role"] == "ours"):
            write(name, {**measured_on, "rows": [row for row in rows if row["name"] != f"`{name}`"]})


if __name__ == "__main__":
    main()
