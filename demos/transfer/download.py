"""All of a visitor's own head to take away: the pictures, the head, the backbone, and the code that made it, in one zip."""

import io
import json
import re
import zipfile
from importlib.metadata import version
from pathlib import Path

import safetensors.torch

from demos.transfer.nets import LEAD
from demos.transfer.own import Head, Lesson
from models import published

ROOT = Path(__file__).resolve().parents[2]
CODE = ("models/backbone.py", "models/ridge.py", "signals/image.py")
"""What `head.py` imports, as it stands here."""
NEEDS = ("torch", "torchvision", "numpy", "pillow", "safetensors")
UNSAFE = re.compile(r"[^\w .()-]+")


def archive(lesson: Lesson, head: Head) -> bytes:
    """The zip: `pictures/KIND/`, `head.safetensors`, `trunk.safetensors`, `head.py` with what it imports, and a README."""
    facts = published.BACKBONES[LEAD]
    folders = _folders(head.kinds)
    told = {"backbone": LEAD, "kinds": folders, "names": list(head.kinds), "penalty": head.ridge.penalty}
    if head.checked:
        low, high, n = head.interval
        told["left_out"] = {"right": head.right, "n": n, "low": low, "high": high}
    weights = {"weight_DC": head.ridge.weight_DC.contiguous(), "bias_C": head.ridge.bias_C.contiguous()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for i, picture in enumerate(lesson.pictures):
            suffix = "png" if picture.content.startswith(b"\x89PNG") else "jpg"
            file.writestr(f"pictures/{folders[picture.kind]}/{i:02}.{suffix}", picture.content)
        file.writestr("head.safetensors", safetensors.torch.save(weights))
        file.writestr("head.json", json.dumps(told, indent=2, ensure_ascii=False))
        file.write(published.FOLDER / f"{LEAD}.safetensors", "trunk.safetensors")
        file.write(Path(__file__).with_name("take_away.py"), "head.py")
        for path in CODE:
            file.write(ROOT / path, path)
        for package in sorted({path.partition("/")[0] for path in CODE}):
            file.writestr(f"{package}/__init__.py", "")
        file.writestr("requirements.txt", "".join(f"{name}=={version(name).partition('+')[0]}\n" for name in NEEDS))
        file.write(published.FOLDER / "README.md", "trunk.md")
        file.write(ROOT / "LICENSE", "LICENSE")
        file.writestr("README.md", _readme(lesson, head, facts))
    return buffer.getvalue()


def _folders(kinds: tuple[str, ...]) -> list[str]:
    """A folder's name for each kind, in the kinds' own order also when they are sorted."""
    return [f"{k} {UNSAFE.sub('_', kind).strip(' .') or 'kind'}" for k, kind in enumerate(kinds, start=1)]


def _readme(lesson: Lesson, head: Head, facts: published.Published) -> str:
    checked = ""
    if head.checked:
        low, high, n = head.interval
        checked = (
            f"Left out one at a time, {head.right} of {n} pictures are told right: between {100 * low:.0f} and {100 * high:.0f} % of "
            "such pictures (Wilson's 95 % interval; they are yours, taken in one go, so others may be harder).\n\n"
        )
    return (
        f"# A head that tells {', '.join(head.kinds)}\n\n"
        f"Solved by ridge regression in closed form on what {facts.title} ({facts.paper}) makes of {len(lesson.pictures)} pictures.\n\n"
        f"{checked}"
        "    pip install -r requirements.txt\n    python head.py my-picture.jpg\n    python head.py --train\n\n"
        "The second command says what a picture shows; the third solves the head again from `pictures/`, of which you may "
        "change what you like. Nothing needs a network.\n\n"
        f"Code: Apache-2.0. The backbone's weights: {facts.licence}. The pictures are yours; no copy of them was kept.\n"
    )
