"""The compressed net to take away: a zip of safetensors, config and card, in a folder that forgets it after an hour."""

import io
import json
import shutil
import time
import zipfile
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from demos.compression.nets import Choice, compress
from models import _checkpoint


def pack(choice: Choice) -> Path:
    """The zip of the chosen net, named after the choice."""
    path = (
        Path(mkdtemp(dir=_downloads()))
        / f"{choice.subject.name}-{choice.stop.times_smaller:.0f}x-{choice.stop.precision}.zip"
    )
    path.write_bytes(archive(choice))
    return path


def archive(choice: Choice) -> bytes:
    """The compressed net as a zip of safetensors, config and card; the card's metrics are those of the benchmark."""
    point, stop = compress(choice), choice.stop
    facts = {
        "made_from": choice.subject.name,
        "how": f"{choice.method}, {stop.precision}, {stop.times_smaller:.1f} times smaller",
        "checkpoint": point.checkpoint,
        "ranks": point.ranks,
        "parameters": point.cost.parameters,
        "bytes": point.cost.bytes,
        "macs": point.cost.macs,
        "metrics": {"accuracy": stop.accuracy},
        "intervals": {"accuracy": {"low": stop.low, "high": stop.high, "n": stop.n}},
        "model": "Compressed",
        "config": _checkpoint.config(point.net),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("model.safetensors", _checkpoint.pack(point.net))
        file.writestr("config.json", json.dumps(facts["config"], indent=2))
        file.writestr("card.json", json.dumps(facts, indent=2, ensure_ascii=False))
    return buffer.getvalue()


def _downloads() -> Path:
    """This process's own folder of downloads, without those of an hour ago."""
    for old in (folder := _own_folder()).iterdir():
        if time.time() - old.stat().st_mtime > 3600:
            shutil.rmtree(old, ignore_errors=True)
    return folder


@cache
def _own_folder() -> Path:
    return Path(mkdtemp(prefix="wavelens-downloads-"))
