"""Groceries by published backbones, linear heads and tuned ones, beside colour, edges and the most alike picture.

All stand on the same 540 pictures of the official test split. Intervals are bootstraps over products (44 of them):
pictures of one product are alike. Nets answer by the evidence beside their weights, so nothing is run twice; a backbone
that is not here is named with its command. Which nets a mean is taken of is chosen on validation.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.transfer
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from benchmarks._report import Claim, Row, arguments, claim, machine, report, row
from benchmarks.transfer import peers
from compression.cost import time_in_turns
from metrics.classification import accuracy, confusion, macro_f1
from metrics.intervals import Interval
from models import CheckpointMissing, published
from models.transfer import TransferNet
from training import Splits, find
from training.data import grocery
from training.tasks import transfer

COLOUR, SCRATCH = "colour histogram + SVM", "from scratch, 64 × 64"
TARGET = 0.955
NOTES = (
    "Groceries are told by colour to a good part: see how far the histogram comes.",
    "Test has the products that train has, in other pictures; validation has 155 pictures, five of pears.",
)


def figures(predicted_B: Tensor, split: tuple[Tensor, ...]) -> dict[str, Any]:
    """Accuracy and macro-F1 of answers on a split, with 95 % intervals over products."""
    right, counts_CC = accuracy(predicted_B, split[1]), confusion(predicted_B, split[1], len(grocery.CLASSES))
    found = transfer.by_product(predicted_B, split, rounds=2000)
    return {"metrics": {"accuracy": right, "macro_f1": macro_f1(counts_CC)}, "intervals": found}


def nets() -> dict[str, dict[str, Tensor]]:
    """Each net's `valid_p` and `test_p` by its name in the table: linear and tuned of each backbone, from scratch."""
    found = {}
    for name, facts in published.BACKBONES.items():
        try:
            kept = find(f"grocery_{name}").checkpoint().evidence
        except CheckpointMissing:
            continue
        found[f"{facts.title}, linear head"] = {"valid_p": kept["linear_valid_p"], "test_p": kept["linear_p"]}
        found[f"{facts.title}, tuned"] = {"valid_p": kept["valid_p"], "test_p": kept["p"]}
    try:
        kept = find("grocery_scratch").checkpoint().evidence
    except CheckpointMissing:
        return found
    return found | {SCRATCH: {"valid_p": kept["valid_p"], "test_p": kept["p"]}}


def best_mean(answers: Mapping[str, Mapping[str, Tensor]], label_B: Tensor) -> tuple[str, ...]:
    """The two or more nets with a backbone whose mean is right most often on validation, then least surprised."""

    def rank(names: tuple[str, ...]) -> tuple[float, float]:
        p_BC = mean(answers, names, "valid_p")
        surprise = -p_BC.gather(1, label_B[:, None]).clamp(min=1e-6).log().mean().item()
        return -accuracy(p_BC.argmax(1), label_B), surprise

    with_backbone = [name for name in answers if name != SCRATCH]
    tried = [c for n in range(2, len(with_backbone) + 1) for c in combinations(with_backbone, n)]
    return min(tried, key=rank, default=())


def mean(answers: Mapping[str, Mapping[str, Tensor]], names: tuple[str, ...], split: str) -> Tensor:
    """The mean probabilities `(B, C)` of these nets."""
    return torch.stack([answers[name][split].double() for name in names]).mean(0)


def cells(name: str, validation: float, found: dict[str, Any]) -> list[str]:
    """A row as it is printed."""
    said = [_said(found["metrics"][key], found["intervals"][key]) for key in ("accuracy", "macro_f1")]
    return [name, f"{validation:.3f}", *said]


def _said(value: float, interval: Interval) -> str:
    return f"{value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def costs() -> list[list[str]]:
    """Every backbone: whether it is here, its licence, size and multiply-adds."""
    rows = []
    for name, facts in published.BACKBONES.items():
        here = "ships" if facts.sha256 else f"python -m training fit grocery_{name}"
        size = f"{2 * facts.parameters:.1f} MB"
        rows.append([f"{facts.title} ({facts.paper})", here, size, f"{facts.gmacs:.2f}", facts.licence])
    return rows


def times(*, rounds: int) -> list[Row]:
    """One picture of 200 × 200 through each backbone that ships, one after the other."""
    ways = {f"{published.BACKBONES[name].title}: one picture": _answer(name) for name in published.SHIPPED}
    found = time_in_turns(ways, torch.rand(1, 3, grocery.SIDE, grocery.SIDE), rounds=rounds)
    return [row(name, values, unit="ms") for name, values in found.items()]


def _answer(name: str) -> Any:
    net = TransferNet(name=name, classes=len(grocery.CLASSES)).eval()
    return torch.no_grad()(net.forward)


def table(splits: Splits) -> tuple[list[list[str]], dict[str, float], list[str]]:
    """The rows, each one's accuracy on test by its name, and the sentences on backbones that are not here."""
    rows, right, answers = [], {}, nets()
    asked = {name: (kept["valid_p"], kept["test_p"]) for name, kept in answers.items()}
    if chosen := best_mean(answers, splits.valid[1]):
        name = f"mean of: {'; '.join(chosen)}"
        asked[name] = (mean(answers, chosen, "valid_p"), mean(answers, chosen, "test_p"))
    for name, (valid_BC, test_BC) in asked.items():
        found = figures(test_BC.argmax(1), splits.test)
        rows.append(cells(name, accuracy(valid_BC.argmax(1), splits.valid[1]), found))
        right[name] = found["metrics"]["accuracy"]
    for peer in peers.fitted(splits):
        found = figures(peer.predicted_B, splits.test)
        rows.append(cells(peer.name, peer.validation, found))
        right[peer.name] = found["metrics"]["accuracy"]
    here = {name for name in published.BACKBONES if any(n.startswith(published.BACKBONES[name].title) for n in answers)}
    return rows, right, [published.command(name) for name in published.BACKBONES if name not in here]


def claims(right: Mapping[str, float]) -> list[Claim]:
    """PROTOCOLS 14: the best that a backbone can do."""
    ours = [value for name, value in right.items() if name not in peers.PEERS]
    best = max(ours, default=0.0)
    return [
        claim("accuracy of the best net on test", best, "≥", TARGET),
        claim("accuracy of the best net less the colour histogram's", best - right[COLOUR], "≥", 0.0),
    ]


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, splits = machine(), grocery.pictures()
    n, products = len(splits.test[1]), len(splits.test[2].unique())
    rows, right, missing = table(splits)
    print(*(" | ".join(cell) for cell in rows), *missing, sep="\n")
    tables = {
        "nets": {
            "caption": f"Test: {n} pictures of {products} products; ↑ higher is better",
            "columns": ["what", "accuracy on validation ↑", "accuracy ↑ (95 % interval)", "macro-F1 ↑ (95 % interval)"],
            "rows": rows,
        },
        "backbones": {
            "caption": "The backbones: trunks in half precision, thousand million multiply-adds for 224 × 224 pixels",
            "columns": ["backbone", "how it comes", "size", "multiply-adds", "weights from, licence"],
            "rows": costs(),
        },
    }
    measured = times(rounds=5 if options.quick else 30)
    report(
        "transfer", measured_on, measured, claims=claims(right), notes=(*NOTES, *missing), tables=tables,
        keep=not options.quick,
    )  # fmt: skip


if __name__ == "__main__":
    main()
