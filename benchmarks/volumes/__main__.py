"""Adrenal glands, normal or hyperplasia: nets in three and two dimensions beside what measures shape, on one test set.

All see the same 298 outlines of 64³ voxels, MedMNIST's official test split, and all are fitted on its training split.
Peers are chosen by repeated folds of training and validation together, `adrenal_3d` by tries on a third of both left
out (its recipe tells which; `benchmarks/choices/adrenal.py` asks of every gland). Intervals are bootstraps over glands:
a patient has two, and the file does not tell whose they are, so that the true ones are a little wider. AUC leads, since
always saying “normal” is right on .768.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.volumes
"""

from typing import Any

import torch
from torch import Tensor

from benchmarks._report import Claim, arguments, claim, machine, report, write
from benchmarks.volumes import peers, probes
from benchmarks.volumes.measures import difference, figures, over_seeds, said
from metrics.intervals import Interval
from models import _checkpoint, load
from models.volume import SliceNet, VolumeNet
from training import Splits, find
from training.tasks import volumes

OURS = {"adrenal_3d": VolumeNet, "adrenal_projections": SliceNet, "adrenal_slice": SliceNet}
"""What is seen: all of a gland, its three shadows, one slice."""
RIVALS = (peers.SHAPE, peers.TREES)
NOTES = (
    "Static int8 through pt2e finds nothing to round but the head: its x86 quantizer knows convolutions in two "
    "dimensions and none in three. Weights can be stored as int8, which saves bytes and no time.",
    "Published AUC on this split at 28³, ResNet-18 and -50 in three dimensions: .827 to .839 (Yang et al. 2023).",
    "Glands lie alike in the file, heads up: a net that has met their mirror images and no others knows that, so that "
    "another rotation takes more away than the mean over all of them gives back.",
)


def answers(splits: Splits) -> dict[str, Tensor]:
    """Each net's probability of hyperplasia on test, as it ships."""
    return {
        name: volumes.predict_logits(load(kind, name).model, splits.test[0]).softmax(1)[:, 1]
        for name, kind in OURS.items()
    }


def rows(p: dict[str, Tensor], found: list[peers.Peer], measures: dict[str, Tensor], splits: Splits) -> list[Any]:
    """Nets and peers, in the form of a recipe's peers."""
    x_B1DHW, label_B = splits.test[:2]
    table = [{"name": name, "role": "ours", **figures(p_B, label_B)} for name, p_B in p.items()]
    for peer in found:
        table.append({"name": peer.name, "role": "peer", "choice": str(peer.choice), "auc_folds": peer.folds})
        table[-1] |= figures(peer.scores(x_B1DHW, measures["test"]), label_B)
    return table


def cells(entry: dict[str, Any]) -> list[str]:
    """A row as it is printed: AUC with interval, over seeds, accuracy, the peers' AUC in folds, parameters."""
    name, metrics = entry["name"], entry["metrics"]
    shown = [f"`{name}`" if name in OURS else name, said(metrics["auc"], Interval(**entry["interval"]))]
    if name not in OURS:
        return [*shown, "", f"{metrics['accuracy']:.3f}", f"{entry['auc_folds']:.3f}", ""]
    card = _checkpoint.card(name)
    seeds = over_seeds([each["auc"] for each in card.seeds.values()])
    return [*shown, seeds, f"{metrics['accuracy']:.3f}", "", f"{card.parameters:,}"]


def against(p: dict[str, Tensor], found: list[peers.Peer], measures: Tensor, splits: Splits) -> list[list[str]]:
    """AUC of `adrenal_3d` less each other's, on the same glands drawn again."""
    x_B1DHW, label_B = splits.test[:2]
    others = {f"`{name}`": p_B for name, p_B in p.items() if name != "adrenal_3d"}
    others |= {peer.name: peer.scores(x_B1DHW, measures) for peer in found if peer.name in RIVALS}
    return [[name, said(*difference(p["adrenal_3d"], p_B, label_B))] for name, p_B in others.items()]


def tables(splits: Splits, measures: dict[str, Tensor], found: list[peers.Peer], *, quick: bool) -> dict[str, Any]:
    """Everything but the timings and claims."""
    p, n = answers(splits), len(splits.test[1])
    entries = rows(p, found, measures, splits)
    regression = next(peer for peer in found if peer.name == peers.SHAPE)
    nets = {name: load(kind, name).model for name, kind in OURS.items()}
    rotated_BR = volumes.rotated(
        lambda x: volumes.predict_logits(nets["adrenal_3d"], x).softmax(1)[:, 1], splits.test[0]
    )
    made: dict[str, Any] = {
        "entries": entries,
        "nets": {
            "caption": f"Test: {n} glands, {int(splits.test[1].sum())} with hyperplasia; ↑ higher is better",
            "columns": ["what", "AUC ↑ (95 % interval)", "AUC over seeds", "accuracy ↑", "AUC in folds", "parameters"],
            "rows": [cells(entry) for entry in entries],
        },
        "paired": {
            "caption": "AUC of `adrenal_3d` less another's on the same glands (95 % interval, paired)",
            "columns": ["against", "difference"],
            "rows": against(p, found, measures["test"], splits),
        },
        "lies": {
            "caption": "`adrenal_3d` asked about a gland in the 24 rotations of a cube: AUC",
            "columns": ["what", "figure"],
            "rows": probes.lies(rotated_BR, splits.test[1]),
        },
        "one_size": {
            "caption": "Is it just size? AUC when every gland is scaled to the median volume of training",
            "columns": ["what", "as they are", "of one size"],
            "rows": probes.one_size(splits, measures, regression, nets),
        },
    }
    if not quick:
        made["rounded"] = {
            "caption": "`adrenal_3d` in fewer bits: AUC on test, and two glands' time compiled, in turns",
            "columns": ["net", "AUC ↑", "size", "time"],
            "rows": probes.rounded(splits),
        }
    return made


def claims(entries: list[Any]) -> list[Claim]:
    """PROTOCOLS 9."""
    by = {entry["name"]: entry["metrics"]["auc"] for entry in entries}
    seeds = [each["auc"] for each in _checkpoint.card("adrenal_3d").seeds.values()]
    return [
        claim("AUC of adrenal_3d, mean over seeds", float(torch.tensor(seeds).mean()), "≥", 0.90),
        claim("AUC of adrenal_3d less the shape regression's", by["adrenal_3d"] - by[peers.SHAPE], "≥", 0.0),
    ]


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, splits = machine(), find("adrenal_3d").data()
    measures = peers.measured(splits)
    found = list(peers.fitted(splits, measures, rounds=1 if options.quick else 3))
    made = tables(splits, measures, found, quick=options.quick)
    entries = made.pop("entries")
    print(*(" | ".join(line) for key in made for line in made[key]["rows"]), sep="\n")
    times = probes.server_times(splits.test[0])
    report("volumes", measured_on, times, claims=claims(entries), notes=NOTES, tables=made, keep=not options.quick)
    if not options.quick:
        for name in OURS:
            write(name, {**measured_on, "rows": [entry for entry in entries if entry["name"] != name]})


if __name__ == "__main__":
    main()
