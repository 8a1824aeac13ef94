"""Chest X-rays, cells and moles: baselines, maps against captum's and grad-cam's, faithfulness, int8, and strangers.

    python -m benchmarks.diagnose                  everything (about half an hour on two cores)
    python -m benchmarks.diagnose --only maps      or films, peers, folds, quantization, faithfulness, novelty
                                                   (the others' results stay)

`films` fits the chest X-rays' baselines, `peers` those of cells and moles, on the files that the recipes use; `folds`
trains `dermoscopy` five times, each time with another fifth held out, and asks each net about the fifth it never saw;
`maps` compares one Grad-CAM with captum's own and, where the package `grad-cam` can be imported, with that;
`faithfulness` removes the hottest 20 % on 200 test pictures, and on the moles of fold 0 counts the heat inside the
lesion; `quantization` compiles the cells' net in int8; `novelty` tells strangers from test pictures. Parts are kept in
`results/diagnose.json`, the peers' rows also where `training/_table.py` looks for them.
"""

import json
from types import ModuleType

from benchmarks import _report
from benchmarks._report import Claim, arguments, machine, write
from benchmarks.diagnose import _rows, faithfulness, films, folds, maps, novelty, peers, quantization
from benchmarks.diagnose._nets import Facts

PARTS: dict[str, ModuleType] = {
    "films": films,
    "peers": peers,
    "folds": folds,
    "quantization": quantization,
    "maps": maps,
    "faithfulness": faithfulness,
    "novelty": novelty,
}
TIMED = {"maps", "quantization"}
"""Parts that hold times: the machine that is named is the one that took those."""
NOTES = (
    "Intervals are over patients on colon cells and over pictures on moles. Both are stand-ins: the recipes "
    "for PathMNIST and DermaMNIST are here (`pathmnist_cnn`, `dermamnist_cnn`, `dermamnist_vgg19`) and want a machine "
    "that can download them.",
    "`cells_cnn` ships its last averaged weights: best-on-validation was given up, before test was looked at, because "
    "six validation patients have 47 cells of the rarest kind.",
    "A single fold of moles is 40 pictures: quote the five folds.",
)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    options = parser.parse_args()
    measured_on = machine()
    path = _report.RESULTS / "diagnose.json"
    kept: Facts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if kept and not TIMED & set(options.only):
        measured_on = {key: kept[key] for key in measured_on}
    for name, part in PARTS.items():
        if name in options.only:
            kept |= part.measure()
            print(f"{name}\n\n{part.table(kept)}\n", flush=True)
    for c in claims(kept):
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    print(*(f"note   {sentence}" for sentence in notes(kept)), sep="\n")
    if options.quick:
        return
    rows = kept["maps"]["rows"] if "maps" in kept else []
    facts = {"benchmark": "diagnose", **measured_on, "rows": rows, "claims": claims(kept), "notes": notes(kept)}
    write("diagnose", kept | facts | {"table": table(kept)})
    for name in films.OURS:
        write(name, {**measured_on, "rows": films.beside(kept, name)})
    write("cells_cnn", {**measured_on, "rows": kept.get("cells", [])})
    write("dermoscopy", {**measured_on, "rows": [*folds.found(kept), *kept.get("moles", [])]})
    if "folds" in options.only:
        folds.on_the_card(kept)


def claims(kept: Facts) -> list[Claim]:
    """PROTOCOLS 2 and 6 beside what was measured."""
    return [c for part in (films, peers, folds, quantization, maps, faithfulness, novelty) for c in part.claims(kept)]


def notes(kept: Facts) -> list[str]:
    return [*NOTES, *(note for part in (films, folds, peers, faithfulness, novelty, maps) for note in part.notes(kept))]


def table(kept: Facts) -> Facts:
    """Who, on what, macro-F1, AUC, accuracy, with the interval of macro-F1."""
    rows = peers.cell_rows(kept) + folds.rows(kept) + peers.mole_rows(kept) + quantization.rows(kept)
    return {"columns": _rows.COLUMNS, "rows": rows}


if __name__ == "__main__":
    main()
