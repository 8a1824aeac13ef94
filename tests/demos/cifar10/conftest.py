"""A shelf of small nets that have met made-up pictures for a moment: the pair, the course work's, two that scramble."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from demos.cifar10 import nets
from demos.cifar10.nets import CNN, KINDS, PAIR, PERCEPTRON
from models import _checkpoint, cnn
from models.perceptron import BottleneckPerceptron
from models.whitened import WhitenedCNN
from training import Budget, Run
from training.recipes import cifar_cnn_course
from training.tasks import cifar10

BUDGET = Budget(steps=12, batch_size=40, lr=0.02, eval_every=6)
SMALL = {
    PERCEPTRON: replace(PAIR[PERCEPTRON], model=partial(BottleneckPerceptron, width=24, blocks=1)),
    CNN: replace(
        PAIR[CNN],
        model=partial(WhitenedCNN, channels=(12, 16, 16), batch_norm=True),
        evidence=partial(cifar10.evidence, twins=True),  # too small to be cut to a twentieth
    ),
    "course": replace(cifar_cnn_course.recipe, model=partial(cnn.CNN, inputs=3, channels=(8, 8), batch_norm=True)),
}


@pytest.fixture(scope="session")
def trained(every_layout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of those checkpoints, made once."""
    folder = tmp_path_factory.mktemp("cifar10") / "checkpoints"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAVELENS_DATA", str(every_layout))
        patch.setattr(_checkpoint, "CHECKPOINTS", folder)
        for recipe in (*SMALL.values(), *(nets.scrambled_recipe(kind, 4) for kind in KINDS)):
            run = Run(recipe, BUDGET)
            list(run)
            run.save()
    yield folder


@pytest.fixture
def shelf(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Those checkpoints in place of the project's; read them, do not write them."""
    monkeypatch.setattr(_checkpoint, "CHECKPOINTS", trained)
    return trained
