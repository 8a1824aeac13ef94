"""Photographs for these tests: drawn by seed, as the page would send them or as files."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

COLOURS = {"plum": (110, 40, 120), "lime": (120, 200, 60), "sky": (90, 160, 230)}


def photograph(kind: str, seed: int, *, side: int = 200) -> Image.Image:
    """A blob of the kind's colour on a ground of another shade each time."""
    draw = np.random.default_rng(seed)
    pixels = draw.integers(150, 220) + draw.integers(-20, 20, (side, side, 3))
    y, x = np.mgrid[:side, :side] / side - 0.5
    blob = (x - draw.uniform(-0.1, 0.1)) ** 2 + (y - draw.uniform(-0.1, 0.1)) ** 2 < draw.uniform(0.06, 0.12)
    pixels[blob] = np.array(COLOURS[kind]) + draw.integers(-15, 15, (int(blob.sum()), 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def content(picture: Image.Image, form: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


def address(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def sent(each: int = 4, kinds: tuple[str, ...] = ("plum", "lime")) -> dict[str, Any]:
    """What the page sends of so many photographs of each kind."""
    listed = [
        {"kind": k, "name": f"{kind}{i}.jpg", "src": address(content(photograph(kind, 10 * k + i)))}
        for k, kind in enumerate(kinds)
        for i in range(each)
    ]
    return {"kinds": list(kinds), "pictures": listed, "tried": None}
