"""A small MNIST as the hub stores it: parquet of PNG bytes and labels."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from training.data import mnist


def write(root: Path, *, train: int = 480, test: int = 60) -> Path:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    draw = np.random.default_rng(0)
    for split, n in (("train", train), ("test", test)):
        rows = []
        for _ in range(n):
            buffer = io.BytesIO()
            Image.fromarray(draw.integers(0, 256, (28, 28), dtype=np.uint8)).save(buffer, "PNG")
            rows.append({"bytes": buffer.getvalue(), "path": None})
        path = root / "hub" / mnist.REPOSITORY / mnist.FILES[split]
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(arrow.table({"image": rows, "label": [i % 10 for i in range(n)]}), path)
    return root
