"""Fixtures that the whole suite shares: a checkpoint folder of its own, a tiny recipe, a tiny MNIST in its layout."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import torch

os.environ["WAVELENS_OFFLINE"] = "1"  # no test waits for a network
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from metrics.classification import accuracy
from metrics.intervals import wilson
from models import _checkpoint
from models.mlp import MLP
from tests import layouts
from tests.layouts import mnist as mnist_layout
from training._recipe import ACCURACY, Budget, Recipe, Source, Splits
from training._steps import adamw
from training.data import mnist
from training.data._root import root
from training.tasks import digits

SOURCE = Source(title="Blobs", address="none", licence="none", split="made here")


def blobs() -> Splits:
    """Three kinds of 4 × 4 pictures, easy to tell apart, 8-bit."""
    draw = torch.Generator().manual_seed(0)
    label = torch.randint(3, (320,), generator=draw)
    pattern = torch.rand(3, 1, 4, 4, generator=draw)
    noisy = pattern[label] + 0.1 * torch.randn(320, 1, 4, 4, generator=draw)
    arrays = ((noisy.clamp(0, 1) * 255).byte(), label)
    return Splits(*(tuple(t[part] for t in arrays) for part in (slice(256), slice(256, 288), slice(288, 320))))


def score(model: MLP, split) -> dict[str, float]:
    x_B, label_B = split
    with torch.no_grad():
        return {"accuracy": accuracy(model(x_B.float() / 255).argmax(1), label_B)}


@pytest.fixture
def recipe() -> Recipe[MLP]:
    """A recipe that trains in a blink, with dropout, averaging and batch norm: everything that has a state."""
    return Recipe(
        name="tiny",
        model=partial(MLP, inputs=16, hidden=32, layers=2, classes=3, batch_norm=True),
        data=blobs,
        source=SOURCE,
        optimizers=adamw(),
        step=digits.step,
        evaluate=score,
        budget=Budget(steps=40, batch_size=32, lr=1e-2, eval_every=10),
        headline=ACCURACY,
        averaging=0.9,
        export=MLP.folded,
        intervals=lambda model, split: {"accuracy": wilson(score(model, split)["accuracy"], len(split[0]))},
        evidence=lambda model, splits: {"logits": model(splits.test[0].float() / 255).detach()},
    )


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkpoint folder in place of the project's."""
    folder = tmp_path / "checkpoints"
    monkeypatch.setattr(_checkpoint, "CHECKPOINTS", folder)
    return folder


@pytest.fixture
def mnist_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path / "data"))
    return mnist_layout.write(tmp_path / "data")


@pytest.fixture(scope="session")
def every_layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with a small copy of every source in its own layout, written once."""
    return layouts.write_all(tmp_path_factory.mktemp("layouts"))


@pytest.fixture
def small_root(every_layout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`every_layout` as the data root; read it, do not write it."""
    monkeypatch.setenv("WAVELENS_DATA", str(every_layout))
    return every_layout


@pytest.fixture
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with nothing in it."""
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path / "nothing"))
    return tmp_path / "nothing"


@pytest.fixture
def real_mnist() -> None:
    """Skips, by name, where the real MNIST is not at hand."""
    missing = [file for file in mnist.FILES.values() if not (root() / "hub" / mnist.REPOSITORY / file).exists()]
    if missing:
        pytest.skip(f"MNIST is not below WAVELENS_DATA ({root()}): {missing[0]}")


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """While it lasts, every file that grows beyond `size` bytes fails as a full disk does.

    A block and no fixture: pytest reports a test before it tears its fixtures down, and where its output is itself a
    long file, that report would fail too and end the whole run without a word.
    """
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the write fails with an OSError instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real application in a process of its own, on a free port; gives its address."""
    address = f"http://127.0.0.1:{(port := free_port())}/"
    log = tmp_path_factory.mktemp("server") / "log"
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "WAVELENS_TRAINING": "full"}
    root = Path(__file__).resolve().parent.parent
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=root, env=environment, stdout=output, stderr=output)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.2)
        yield address
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.terminate()
        process.wait(20)
