"""Fixtures that the whole suite shares: a checkpoint folder of its own, a tiny recipe, a tiny MNIST in its layout."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

os.environ["WAVELENS_OFFLINE"] = "1"  # no test waits for a network
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from benchmarks._server import APP, serving
from metrics.classification import accuracy
from metrics.intervals import wilson
from models import _checkpoint
from models.mlp import MLP
from signals.image import to_unit
from tests import layouts
from training import Arrays, Budget, Optimizers, Recipe, Source, Splits
from training._recipe import ACCURACY
from training._steps import adamw
from training.data import mnist
from training.data._root import SAMPLES, root
from training.tasks import digits

SOURCE = Source(title="Blobs", address="none", licence="none", split="made here")


def blobs() -> Splits:
    """Three kinds of 4 × 4 pictures, 8-bit: each split has a size of its own, and is harder than the one before it.

    So whatever is measured on the wrong split shows: no two of them give the same figure, and none gives 1.
    """
    draw = torch.Generator().manual_seed(2)
    pattern = torch.rand(3, 1, 4, 4, generator=draw)

    def drawn(n: int, noise: float) -> Arrays:
        label = torch.randint(3, (n,), generator=draw)
        noisy = pattern[label] + noise * torch.randn(n, 1, 4, 4, generator=draw)
        return (noisy.clamp(0, 1) * 255).byte(), label

    return Splits(train=drawn(256, 0.3), valid=drawn(40, 0.5), test=drawn(57, 0.7))


def dimmed(model: MLP, batch: Arrays, optimizers: Optimizers, generator: torch.Generator) -> dict[str, Tensor]:
    """`digits.step`, each picture dimmed by up to a half: a step that draws from the generator that it is handed."""
    x_B, label_B = batch
    light_B = 1 - 0.5 * torch.rand(len(x_B), 1, 1, 1, generator=generator)
    return digits.step(model, ((light_B * x_B).byte(), label_B), optimizers, generator)


def score(model: MLP, split: Arrays) -> dict[str, float]:
    """Accuracy, and the mean cross-entropy, in which the smallest change of a weight shows."""
    x_B, label_B = split
    with torch.no_grad():
        logit_BC = model(to_unit(x_B))
    return {
        "accuracy": accuracy(logit_BC.argmax(1), label_B),
        "cross_entropy": F.cross_entropy(logit_BC, label_B).item(),
    }


@pytest.fixture
def recipe() -> Recipe[MLP]:
    """A recipe that trains in a blink, with dropout, averaging, batch norm and draws: everything that has a state."""
    return Recipe(
        name="tiny",
        model=partial(MLP, inputs=16, hidden=32, layers=2, classes=3, batch_norm=True),
        data=blobs,
        source=SOURCE,
        optimizers=adamw(),
        step=dimmed,
        evaluate=score,
        budget=Budget(steps=40, batch_size=32, lr=1e-2, eval_every=10),
        headline=ACCURACY,
        averaging=0.9,
        export=MLP.folded,
        intervals=lambda model, split: {"accuracy": wilson(score(model, split)["accuracy"], len(split[0]))},
        evidence=lambda model, splits: {"logits": model(to_unit(splits.test[0])).detach()},
    )


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkpoint folder in place of the project's."""
    folder = tmp_path / "checkpoints"
    monkeypatch.setattr(_checkpoint, "CHECKPOINTS", folder)
    return folder


@pytest.fixture
def mnist_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with the samples of MNIST, to be written in."""
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path / "data"))
    shutil.copytree(SAMPLES / "hub", tmp_path / "data" / "hub")
    return tmp_path / "data"


@pytest.fixture(scope="session")
def every_layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with a small copy of every source in its own layout, made once."""
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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real application in a process of its own, on a free port; gives its address."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(*APP, log=log, WAVELENS_TRAINING="full") as served:
        yield f"{served.url}/"
        assert "Traceback" not in log.read_text(), log.read_text()
