"""CIFAR-10 in the hub's layout: ten made-up kinds of picture, each a tint and a slope of light, in JPEG."""

import io
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
from PIL import Image

from training.data.cifar10 import CLASSES, FILES, REPOSITORY, SIDE

ROWS = {"train": 200, "test": 60}


def write(root: Path) -> None:
    draw = np.random.default_rng(0)
    tint_C3 = draw.uniform(60, 190, (len(CLASSES), 3))
    for split, file in FILES.items():
        label_B = [i % len(CLASSES) for i in range(ROWS[split])]
        rows = [{"bytes": _picture(tint_C3[label], label, draw), "path": f"{i}.jpg"} for i, label in enumerate(label_B)]
        path = root / "hub" / REPOSITORY / file
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(arrow.table({"img": rows, "label": label_B}), path)


def _picture(tint_3: np.ndarray, label: int, draw: np.random.Generator) -> bytes:
    light_S = np.linspace(-40, 40, SIDE)
    light_SS = light_S[:, None] * np.cos(label) + light_S * np.sin(label)
    x_SS3 = tint_3 + light_SS[:, :, None] + draw.normal(0, 12, (SIDE, SIDE, 3))
    buffer = io.BytesIO()
    Image.fromarray(x_SS3.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()
