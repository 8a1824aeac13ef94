"""Baselines, peers and targets of both tabs in Restore: bicubic and the nets that double a picture, scans translated.

Super-resolution: Set5, Set14 and BSDS500's test pictures, shrunk by Pillow's bicubic, PSNR and SSIM on 8-bit broadcast
luma without the outermost two pixels. Scans: 253 test slices of 20 patients, with a line and a polynomial fitted on
train, and an oracle that has seen the truth. All on the same files in one command.

    OMP_NUM_THREADS=1 python -m benchmarks.restoration
"""

from typing import Any

from benchmarks import _enlarging, _translating
from benchmarks._report import arguments, claim, machine, write
from models import CheckpointMissing, _checkpoint
from models.super_resolution import SubPixelNet
from training.data import bsds500


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    test = bsds500.splits().test
    if options.quick:
        test = tuple(t[test[3] > 0] for t in test)  # Set5 and Set14
    pictures = _enlarging.rows(test, rounds=3 if options.quick else 50)
    scans = [row for direction in _translating.DIRECTIONS for row in _translating.rows(direction)]
    claims, notes = _enlarging.claims(pictures) + _translating.claims(scans), [*map(str, NOTES)]
    by = {row["name"] for row in pictures}
    if "super_resolution" in by:
        model = _checkpoint.load(SubPixelNet, "super_resolution").model
        claims.append(
            claim(
                "tiles against the whole picture, largest difference", _enlarging.seam(model, model.radius), "≤", 1e-5
            )
        )
        size = (800, 600) if options.quick else (4000, 3000)
        extra, result, seconds = _enlarging.large(*size)
        claims.append(
            claim("{} × {} doubled: MiB at the peak, beyond its own pixels".format(*size), extra - result, "≤", 512)
        )
        spent = f"{extra:.0f} MiB at the peak, {result:.0f} of them the result"
        notes.append(f"{size[0]} × {size[1]} doubled in {seconds:.0f} s: {spent}.")
    if {"srcnn", "srcnn_perceptual"} <= by and not options.quick:
        notes.append(_enlarging.perceptual_cost(test))
    try:
        notes.append(_translating.uncertainty())
    except (CheckpointMissing, RuntimeError) as error:
        print(f"no uncertainty: {error}")
    told(claims, notes)
    if not options.quick:
        keep(measured_on, pictures, scans, claims, notes)


def told(claims: list[Any], notes: list[str]) -> None:
    for c in claims:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    print(*(f"note   {note}" for note in notes), sep="\n")


def keep(
    measured_on: dict[str, Any],
    pictures: list[dict[str, Any]],
    scans: list[dict[str, Any]],
    claims: list[Any],
    notes: list[str],
) -> None:
    """The results, and each headline's baselines beside its card."""
    bicubic = pictures[0]
    facts = {"benchmark": "restoration", **measured_on}
    tables = {
        "table": {
            "caption": "Super-resolution: pictures at twice their size",
            "columns": _enlarging.COLUMNS,
            "rows": [_enlarging.cells(r, bicubic["milliseconds"]) for r in pictures],
        },
        "scans": {
            "caption": "Scan translation: 253 slices of 20 unseen patients",
            "columns": _translating.COLUMNS,
            "rows": [_translating.cells(r) for r in scans],
        },
    }
    write("restoration", {**facts, "rows": pictures, "scan_rows": scans, "claims": claims, "notes": notes, **tables})
    write("super_resolution", {**facts, "rows": [beside(bicubic, {"psnr_db": "psnr_db"})]})
    for name, direction in ((_translating.LEAD, "pre"), ("mri_dense_unet_back", "FLAIR")):
        plain = [r for r in scans if r["direction"].startswith(direction) and not r["name"].startswith("`")]
        write(name, {**facts, "rows": [beside(r, {"psnr_db_head": "psnr_db_head"}) for r in plain]})


ROLES = {_translating.ORACLE: "oracle", _translating.ENSEMBLE: "ours"}


def beside(row: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    """A row as `training/_table.py` reads it."""
    metrics = {mine: row["metrics"][theirs] for mine, theirs in keys.items()}
    interval = row["intervals"][next(iter(keys.values()))]
    return {
        "name": row["name"], "metrics": metrics, "interval": interval, "parameters": None, "seconds": None,
        "role": ROLES.get(row["name"], "peer"),
    }  # fmt: skip


NOTES = (
    "Published on Set5 × 2, not run here: SRCNN 36.66, FSRCNN 37.00, IMDN and SAFMN 38.0.",
    "Small pictures are made by Pillow's antialiased bicubic; the nets learnt from 134 of BSDS500's photographs.",
    "BSDS500's 302003 is Set5's “woman” at another size: no net has learnt from it.",
    "Scans are winsorised at their own percentiles, targets lie on one scale for all. How bright a scanner showed the "
    "other contrast cannot be told from the input: *aligned* is the PSNR after the best straight line for each slice, "
    "and the oracle, which has seen the truth, is what no line can beat.",
)


if __name__ == "__main__":
    main()
