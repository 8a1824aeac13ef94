"""Frauds among card payments: four autoencoders that know only normal ones, beside everything that does without a net.

Split by time: fitted on the first 60 % of the rows, chosen on the next 20 %, quoted on the last 20 %, of which 74 are
frauds; intervals by bootstrap over rows, frauds and normal payments each by themselves. Every peer sees the same 29
numbers, the amount's logarithm among them, in deviations of the normal training rows. Unsupervised are the length of a
row, Mahalanobis' distance, an isolation forest, and PCA, with its plain residual and with the whitened one that ours
use; supervised, and told every fraud of the first hours, logistic regression and boosted trees. What is chosen (C,
components, rounds and leaves) is chosen on validation.

“Tried” has the candidates for `fraud_denoising` on validation alone. Their test figures were on the screen too when
widths, noise and score were first looked for, in a script that is no part of this: the choice followed validation, and
its order and test's were nearly the same, but that test is not untouched.

    OMP_NUM_THREADS=1 python -m benchmarks.fraud
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import torch
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from benchmarks._report import arguments, claim, machine, report, write
from metrics.detection import auc, average_precision
from metrics.intervals import by_kind
from models.autoencoder import Autoencoder
from training import Arrays, Run, Splits, find
from training.data import creditcard
from training.recipes.fraud_denoising import autoencoder
from training.tasks.fraud import best_f1, f1_at, scores

OURS = ("fraud_plain", "fraud_deep", "fraud_sparse", "fraud_denoising")
MIXED = {"0": "fraud_denoising"} | {
    words: f"fraud_mixed_{name}" for words, name in (("0.5", "half"), ("1", "1"), ("2", "2"), ("3", "3"), ("5", "5"))
}
"""Per cent of frauds among what was taken for normal."""
CANDIDATES = (
    *(((128, 32), noise) for noise in (0.0, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)),
    *((widths, 1.0) for widths in ((32,), (128, 16), (128, 64, 16), (256, 64))),
)
COMPONENTS, LOGISTIC_C, TREES = (
    (2, 5, 8, 12, 16, 20, 24),
    (0.01, 0.1, 1.0),
    tuple(product((100, 200, 400), (5, 15, 31))),
)
Score = Callable[[Tensor], Tensor]
"""Rows in their own units to how odd each is."""


@dataclass(frozen=True)
class Scorer:
    """Something that says how odd a row is, and whether it was told of frauds."""

    name: str
    score: Score
    is_ours: bool = False


class Scaled:
    """scikit-learn's models on rows as the nets see them."""

    def __init__(self, splits: Splits) -> None:
        self.net = Autoencoder()
        self.net.learn_scale(splits.train[0])
        self.normal_BD = self.rows(splits.train[0])

    def rows(self, x_BD: Tensor) -> np.ndarray:
        return self.net.standardised(x_BD).numpy()

    def asked(self, score: Callable[[np.ndarray], np.ndarray]) -> Score:
        return lambda x_BD: torch.as_tensor(score(self.rows(x_BD)))


def unsupervised(splits: Splits) -> Iterator[Scorer]:
    """Peers that know normal payments only."""
    at = Scaled(splits)
    yield Scorer("a random order", lambda x_BD: torch.zeros(len(x_BD)))
    yield Scorer("squared length of the row", at.asked(lambda z: np.square(z).sum(1)))
    covariance = EmpiricalCovariance().fit(at.normal_BD)
    yield Scorer("Mahalanobis' distance", at.asked(covariance.mahalanobis))
    forest = IsolationForest(n_estimators=300, random_state=0).fit(at.normal_BD)
    yield Scorer("isolation forest", at.asked(lambda z: -forest.score_samples(z)))
    for name, is_whitened in (("PCA, plain residual", False), ("PCA, whitened residual", True)):
        tried = {k: pca_score(at, k, is_whitened=is_whitened) for k in COMPONENTS}
        k = max(tried, key=lambda k: _area(tried[k], splits.valid))
        yield Scorer(f"{name} ({k} components)", tried[k])


def pca_score(at: Scaled, components: int, *, is_whitened: bool) -> Score:
    """A row's residual off the first principal components, squared, or as `Autoencoder` measures it."""
    pca = PCA(components, random_state=0).fit(at.normal_BD)

    def residual(z_BD: np.ndarray) -> np.ndarray:
        return z_BD - pca.inverse_transform(pca.transform(z_BD))

    if not is_whitened:
        return at.asked(lambda z_BD: np.square(residual(z_BD)).sum(1))
    meter = Autoencoder()
    normal_BD = torch.from_numpy(residual(at.normal_BD))
    meter.residual_covariance.copy_(torch.cov(normal_BD.T))
    precision = meter.precision().numpy()
    return at.asked(lambda z_BD: np.einsum("bi,ij,bj->b", residual(z_BD), precision, residual(z_BD)))


def supervised(splits: Splits) -> Iterator[Scorer]:
    """Peers that are told every fraud of the first hours."""
    at, (x_BD, label_B, *_) = Scaled(splits), creditcard.first_hours()
    z_BD, y_B = at.rows(x_BD), label_B.numpy()
    logistic = [LogisticRegression(C=c, max_iter=2000).fit(z_BD, y_B) for c in LOGISTIC_C]
    trees = [
        HistGradientBoostingClassifier(learning_rate=0.05, max_iter=n, max_leaf_nodes=k, random_state=0).fit(z_BD, y_B)
        for n, k in TREES
    ]
    for name, models in (("logistic regression, told of frauds", logistic), ("boosted trees, told of frauds", trees)):
        asked = [at.asked(lambda z, model=model: model.predict_proba(z)[:, 1]) for model in models]
        yield Scorer(name, max(asked, key=lambda score: _area(score, splits.valid)))


def ours(names: tuple[str, ...] = OURS) -> Iterator[Scorer]:
    """The nets as they ship, each with both scores."""
    for name in names:
        net: Any = find(name).checkpoint().model
        yield Scorer(name, lambda x_BD, net=net: scores(net, x_BD), is_ours=True)
        yield Scorer(f"{name}, plain squared error", no_grad(net.squared_error), is_ours=True)


def no_grad(score: Score) -> Score:
    return torch.no_grad()(score)


def _area(score: Score, split: Arrays) -> float:
    return average_precision(score(split[0]), split[1] == 1)


# What is reported


def row(scorer: Scorer, splits: Splits) -> dict[str, Any]:
    """A scorer on test, in the form of a recipe's peers; its F1 by a threshold of validation and by one of test."""
    began = time.process_time()
    score_B, fraud_B = scorer.score(splits.test[0]), splits.test[1] == 1
    valid = best_f1(scorer.score(splits.valid[0]), splits.valid[1] == 1)
    metrics = {
        "auprc": average_precision(score_B, fraud_B),
        "auroc": auc(score_B, fraud_B),
        "f1": f1_at(valid.score, score_B, fraud_B),
        "f1_peeked": best_f1(score_B, fraud_B).f1,
    }
    interval = by_kind(score_B, fraud_B, average_precision)._asdict()
    seconds = round(time.process_time() - began, 1)
    role = "ours" if scorer.is_ours else "peer"
    return {"name": scorer.name, "metrics": metrics, "interval": interval, "role": role, "seconds_asked": seconds}


def cells(found: dict[str, Any]) -> list[str]:
    m, i = found["metrics"], found["interval"]
    return [
        found["name"], f"{m['auprc']:.3f} ({i['low']:.3f} to {i['high']:.3f})", f"{m['auroc']:.3f}",
        f"{m['f1']:.3f}", f"{m['f1_peeked']:.3f}",
    ]  # fmt: skip


def as_the_course_work_did(splits: Splits) -> dict[str, Any]:
    """A plain autoencoder fitted on the normal payments of *all* hours, and scaled by all rows."""
    whole = creditcard.table()
    everything = tuple(t[whole.label_B == 0] for t in whole)
    recipe = autoencoder("fraud_plain", (14,))
    leaking = replace(
        recipe, data=lambda: Splits(everything, splits.valid, splits.test),
        initial=lambda net, _: net.learn_scale(whole.x_BD),
    )  # fmt: skip
    net = drained(Run(leaking)).best_model()
    return row(
        Scorer("as the course work did: fitted on all normal payments, scaled by all rows", lambda x: scores(net, x)),
        splits,
    )


def tried(*, quick: bool) -> dict[str, Any]:
    """Candidates for `fraud_denoising`, two seeds each, by validation alone."""
    rows = []
    for widths, noise in CANDIDATES[:2] if quick else CANDIDATES:
        recipe = autoencoder("candidate", widths, noise=noise)
        budget = replace(recipe.budget, steps=50 if quick else recipe.budget.steps)
        runs = [drained(Run(recipe, replace(budget, seed=seed))) for seed in (0, 1)]
        found = [recipe.evaluate(run.best_model(), run.splits.valid) for run in runs]
        means = [float(np.mean([f[key] for f in found])) for key in ("auprc", "auprc_plain")]
        rows.append(["-".join(map(str, widths)), f"{noise:g}", *(f"{mean:.3f}" for mean in means)])
        print(rows[-1], flush=True)
    best = max(rows, key=lambda cells: cells[2])
    return {
        "caption": "Tried for `fraud_denoising`: area under precision-recall on validation (57 frauds), two seeds",
        "columns": ["widths", "noise, deviations", "whitened residual ↑", "plain squared error ↑"],
        "rows": rows,
        "words": f"Best: {best[0]}, noise {best[1]}.",
    }


def drained(run: Run[Any]) -> Run[Any]:
    for _ in run:
        pass
    return run


def mixed_in() -> list[list[str]]:
    """What frauds among the “normal” payments do to the net, on the same test rows; and the split at random."""
    rows = []
    for name in (*MIXED.values(), "fraud_random"):
        card = find(name).checkpoint().card
        low, high = (card.intervals["auprc"][end] for end in ("low", "high"))
        rows.append([f"`{name}`", card.data["split"], f"{card.metrics['auprc']:.3f} ({low:.3f} to {high:.3f})"])
    return rows


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, splits = machine(), creditcard.splits()
    candidates = tried(quick=options.quick)
    found = [row(scorer, splits) for scorer in (*unsupervised(splits), *supervised(splits), *ours())]
    found.append(as_the_course_work_did(splits) | {"role": "oracle"})
    print(*(" | ".join(cells(each)) for each in found), sep="\n")
    areas = {each["name"]: each["metrics"]["auprc"] for each in found}
    n = int(splits.test[1].sum())
    tables = {
        "scorers": {
            "caption": f"Test: {len(splits.test[1]):,} payments, {n} frauds; ↑ higher is better; F1 by the "
            "threshold of validation, and by one chosen on test",
            "columns": ["what", "AUPRC ↑ (95 % interval)", "AUROC ↑", "F1 ↑", "F1, peeked"],
            "rows": [cells(each) for each in found],
            "words": "The course work quoted an F1 of .66 for a threshold of 2.9 that was read off a plot of test; "
            "its own notebook gives .056.",
        },
        "mixed": {
            "caption": "Frauds taken for normal while training, and a split at random: AUPRC on test",
            "columns": ["net", "split", "AUPRC ↑ (95 % interval)"],
            "rows": mixed_in(),
        },
        "tried": candidates,
    }
    claims = [
        claim("AUPRC of the best autoencoder", areas["fraud_denoising"], "≥", 0.72),
        claim("AUPRC of the best supervised peer", max(v for k, v in areas.items() if "told of" in k), "≥", 0.90),
    ]
    report("fraud", measured_on, [], claims=claims, tables=tables, keep=not options.quick)
    if not options.quick:
        peers = [each for each in found if each["name"] != "fraud_denoising"]
        write("fraud_denoising", {**measured_on, "rows": peers})


if __name__ == "__main__":
    main()
