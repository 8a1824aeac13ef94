"""The rows beside `mnist_mlp` in RESULTS.md: baselines and peers on the same 10,000 test digits, in one command.

Everything is fitted on the 55,000 training digits, chosen on the 5,000 of validation and quoted on test, from raw
pixels in [0, 1], without augmentation. From the dumbest up: the most frequent class; the nearest class mean; logistic
regression (C chosen); three nearest neighbours; an RBF-SVM on 50 principal components (C and gamma chosen from fits on
10,000 digits, then fitted on all 55,000, which raw pixels would make slow); and the recipe's own net trained plainly:
batch norm, dropout 0.2, AdamW and the recipe's schedule for 20 epochs, the best epoch on validation, but neither
virtual adversarial training nor averaged weights. `parameters` counts the numbers that a fitted model keeps, `seconds`
the processor time of fitting and choosing, which a busy machine stretches less than the clock on the wall.

“Other handwriting” is a note apart: the same models on the 1,797 digits of scikit-learn (UCI optdigits, its 13 test
writers), 8 × 8 pixels framed, scaled up and brought into MNIST's form. None was fitted on
them. Digits of one writer are alike, so the intervals there are narrower than they should be.

    OMP_NUM_THREADS=1 python -m benchmarks.digits
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from torch import Tensor

from benchmarks._report import arguments, machine, write
from metrics.classification import accuracy
from metrics.intervals import wilson
from models import load
from models.mlp import MLP
from signals import image
from training import Arrays, Recipe, Run, Splits
from training.recipes.mnist_mlp import recipe
from training.tasks.digits import probabilities, step

EPOCHS = 20
COMPONENTS = 50
CHOOSE_ON = 10_000
LOGISTIC_C = (0.01, 0.1, 1.0)
SVM_C, SVM_GAMMA = (3.0, 10.0), (0.01, 0.02, 0.04)
Predict = Callable[[Tensor], Tensor]
"""8-bit pictures `x_B1HW` to labels `label_B`."""


@dataclass(frozen=True)
class Fitted:
    """A model that can be asked, and how many numbers it keeps."""

    name: str
    predict: Predict
    parameters: int | None


class Peer(TypedDict):
    """One row as `training/_table.py` reads it."""

    name: str
    metrics: dict[str, float]
    interval: dict[str, float]
    parameters: int | None
    seconds: float | None


def rows_of(x_B1HW: Tensor) -> np.ndarray:
    """Pictures as scikit-learn takes them: `(B, 784)` float32 in [0, 1]."""
    return image.to_unit(x_B1HW).flatten(1).numpy()


def fitted(model: Any, train: Arrays) -> Predict:
    """A scikit-learn classifier after fitting."""
    return asked(model.fit(rows_of(train[0]), train[1].numpy()))


def asked(model: Any) -> Predict:
    return lambda x_B1HW: torch.as_tensor(model.predict(rows_of(x_B1HW)))


def chosen(models: Sequence[Any], train: Arrays, valid: Arrays) -> Any:
    """The classifier that does best on `valid` after fitting on `train`; of equals, the first."""
    return max(models, key=lambda model: accuracy(fitted(model, train)(valid[0]), valid[1]))


def classical(splits: Splits) -> Iterator[Fitted]:
    """Everything that is not a net, fitted one after another."""
    train, valid, _ = splits
    few = tuple(t[:CHOOSE_ON] for t in train)

    dummy = DummyClassifier(strategy="most_frequent")
    yield Fitted("the most frequent class", fitted(dummy, train), None)

    means_CX = torch.stack([image.to_unit(train[0][train[1] == digit]).flatten(1).mean(0) for digit in range(10)])
    nearest = KNeighborsClassifier(1).fit(means_CX.numpy(), range(10))
    yield Fitted("nearest class mean", asked(nearest), means_CX.numel())

    logistic = chosen([LogisticRegression(C=C, max_iter=2000) for C in LOGISTIC_C], train, valid)
    name = f"logistic regression (C = {logistic.C:g})"
    yield Fitted(name, asked(logistic), logistic.coef_.size + logistic.intercept_.size)  # fitted on all by choosing

    neighbours = KNeighborsClassifier(3, algorithm="brute")
    yield Fitted("3 nearest neighbours", fitted(neighbours, train), train[0].numel())

    grid = itertools.product(SVM_C, SVM_GAMMA)
    machines = [make_pipeline(PCA(COMPONENTS, random_state=0), SVC().set_params(C=C, gamma=g)) for C, g in grid]
    best = chosen(machines, few, valid)
    predict = fitted(best, train)
    pca, svm = best
    kept = (pca.components_, pca.mean_, svm.support_vectors_, svm.dual_coef_, svm.intercept_)
    name = f"RBF-SVM on {COMPONENTS} principal components (C = {svm.C:g}, gamma = {svm.gamma:g})"
    yield Fitted(name, predict, sum(a.size for a in kept))


def plain_net(splits: Splits, *, epochs: int = EPOCHS) -> Iterator[Fitted]:
    """The recipe's net and optimizer, on cross-entropy alone."""
    steps = len(splits.train[0]) // recipe.budget.batch_size
    plain: Recipe[MLP] = replace(recipe, data=lambda: splits, step=step, averaging=None, evidence=None)
    run = Run(plain, replace(plain.budget, steps=epochs * steps, eval_every=steps, seed=0))
    for progress in run:
        if progress.valid:
            print(
                f"  step {progress.step}/{progress.steps}: valid accuracy {progress.valid['accuracy']:.4f}", flush=True
            )
    yield as_fitted(f"the same net trained plainly (no VAT, no averaging, {epochs} epochs, seed 0)", run.best_model())


def as_fitted(name: str, model: MLP) -> Fitted:
    parameters = sum(p.numel() for p in model.parameters())
    return Fitted(name, lambda x_B1HW: probabilities(model, x_B1HW).argmax(1), parameters)


def other_hands() -> Iterator[Image.Image]:
    """scikit-learn's digits, dark on light, framed and scaled up."""
    bunch: Any = load_digits()
    for grey in bunch.images:
        framed = Image.new("L", (12, 12), 255)
        framed.paste(Image.fromarray((255 - grey * (255 / 16)).round().astype(np.uint8)), (2, 2))
        yield framed.resize((144, 144), Image.Resampling.BICUBIC)


def other_handwriting() -> Arrays:
    """scikit-learn's digits `(x_B1HW uint8, label_B)`, as the tab reads them."""
    bunch: Any = load_digits()
    x_BHW = torch.stack([image.as_mnist(picture) for picture in other_hands()])
    return (x_BHW[:, None] * 255).round().byte(), torch.as_tensor(bunch.target)


def scored(model: Fitted, split: Arrays, *, seconds: float | None = None) -> Peer:
    x_B1HW, label_B = split
    share = accuracy(model.predict(x_B1HW), label_B)
    interval = wilson(share, len(label_B))._asdict()
    return Peer(
        name=model.name,
        metrics={"accuracy": share},
        interval=interval,
        parameters=model.parameters,
        seconds=seconds,
    )


def line(peer: Peer) -> str:
    low, high, n = peer["interval"].values()
    kept = f"{peer['parameters']:,}" if peer["parameters"] else ""
    seconds = "" if peer["seconds"] is None else f"{peer['seconds']:.1f}"
    return (
        f"| {peer['name']} | {peer['metrics']['accuracy']:.4f} | {low:.4f} to {high:.4f} | {n} | {kept} | {seconds} |"
    )


def smaller(splits: Splits) -> Splits:
    """A fiftieth of everything, for a quick look."""
    return Splits(*(tuple(t[: len(t) // 50] for t in arrays) for arrays in splits))


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    splits = smaller(recipe.data()) if options.quick else recipe.data()
    others = other_handwriting()
    rows, elsewhere = [], []
    print("| what | accuracy | 95 % interval (Wilson) | n | numbers kept | CPU s |\n|---|---|---|---|---|---|")
    began = time.process_time()
    for model in itertools.chain(classical(splits), plain_net(splits)):
        rows.append(scored(model, splits.test, seconds=round(time.process_time() - began, 1)))
        elsewhere.append(scored(model, others))
        print(line(rows[-1]), flush=True)
        began = time.process_time()
    shipped = as_fitted("mnist_mlp, as it ships", load(MLP, "mnist_mlp").model)
    own = scored(shipped, splits.test)
    elsewhere.append(scored(shipped, others))
    print(line(own), "", "Other handwriting (scikit-learn's UCI digits), never trained on:", sep="\n")
    print(*map(line, elsewhere), sep="\n")
    if not options.quick:
        write("mnist_mlp", {**measured_on, "rows": rows, "own": own, "other_handwriting": elsewhere})


if __name__ == "__main__":
    main()
