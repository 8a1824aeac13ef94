"""A small TCGA-LGG in parquet: discs for heads, in two contrasts, some with a tumour."""

from pathlib import Path

import numpy as np

from tests.layouts.medical import png
from training.data import lgg_mri

PATIENTS = {"train": 4, "valid": 2, "test": 3}
SLICES = 3
SIDE = 32


def write(root: Path) -> Path:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    draw = np.random.default_rng(0)
    (root / "lgg_mri").mkdir(parents=True, exist_ok=True)
    row, column = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    inside = np.hypot(row, column) < 0.4 * SIDE
    for split, patients in PATIENTS.items():
        rows: dict[str, list[object]] = {name: [] for name in ("patient", "slice", "pre_contrast", "flair", "mask")}
        for i in range(patients * SLICES):
            before = inside * draw.integers(60, 160, inside.shape)
            tumour = inside & (np.hypot(row - 4, column) < 4) & (i % SLICES > 0)
            rows["patient"].append(f"{split}_{i // SLICES}")
            rows["slice"].append(i % SLICES)
            for name, pixels in (
                ("pre_contrast", before),
                ("flair", before // 2 + 90 * tumour),
                ("mask", 255 * tumour),
            ):
                rows[name].append(png(pixels.astype(np.uint8)))
        parquet.write_table(arrow.table(rows), root / "lgg_mri" / lgg_mri.FILES[split])
    return root
