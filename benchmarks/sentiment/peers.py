"""What reads reviews without recurrence: words and pairs of words counted, or their vectors added up.

Each is fitted on the texts that the nets train on, whole where those read 400 words; what is chosen is chosen on
validation.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from torch import Tensor, nn

from signals.text import PADDING, Vocabulary, vocabulary
from training.data.imdb import Parts, Reviews

Words = Sequence[list[str]]
Setting = TypeVar("Setting")
Read = Callable[[Words], Tensor]
"""Texts as words to log-odds of praise, `(B,)`."""


@dataclass(frozen=True)
class Reader:
    """Something that reads texts; `products` are its multiply-adds for one text of so many words."""

    name: str
    read: Read
    products: Callable[[int], int]
    is_ours: bool = False


def fitted(parts: Parts) -> Iterator[Reader]:
    """All peers, one after the other."""
    yield tf_idf(parts, 1)
    yield tf_idf(parts, 2)
    yield nb_svm(parts, 2)
    yield nb_svm(parts, 3)
    yield bag_of_embeddings(parts)


def accuracy(read: Read, part: Reviews) -> float:
    """The share of texts that are read rightly."""
    return ((read(part.texts) > 0) == (part.label_B == 1)).double().mean().item()


def best(tried: dict[Setting, Read], valid: Reviews) -> tuple[Setting, Read]:
    """The setting that reads most validation texts rightly."""
    return max(tried.items(), key=lambda item: accuracy(item[1], valid))


def tf_idf(parts: Parts, n: int) -> Reader:
    """Logistic regression on tf-idf (sublinear) of runs of 1 to `n` words; C chosen among three."""
    counts = TfidfVectorizer(sublinear_tf=True, **_counted(n))
    x_BF = counts.fit_transform(parts.train.texts)
    y_B = parts.train.label_B.numpy()

    def reader(c: float) -> Read:
        model = LogisticRegression(C=c, max_iter=200, solver="liblinear").fit(x_BF, y_B)
        return lambda texts: torch.from_numpy(model.decision_function(counts.transform(texts))).float()

    c, read = best({c: reader(c) for c in (3.0, 10.0, 30.0)}, parts.valid)
    return Reader(f"tf-idf of {_up_to(n)}, logistic regression (C = {c:g})", read, lambda words: 2 * n * words)


def nb_svm(parts: Parts, n: int) -> Reader:
    """NBSVM (Wang & Manning 2012): a linear SVM on 1 to `n` words in a row, each times its log-count ratio.

    A run of words is there or not. Weights are drawn towards their mean size, by how much (β; all the way is naive
    Bayes) is chosen with C. That shifts the plane: a distance becomes log-odds by a scale and an offset, both fitted
    on validation (Platt 1999). Without the offset it reads a point less right.
    """
    counts = CountVectorizer(binary=True, **_counted(n))
    x_BF, label_B = sparse.csr_matrix(counts.fit_transform(parts.train.texts)), parts.train.label_B.numpy()
    p_F, q_F = (1 + np.asarray(x_BF[label_B == k].sum(0)).ravel() for k in (1, 0))
    ratio_F = np.log((p_F / p_F.sum()) / (q_F / q_F.sum())).astype(np.float32)
    weighted_BF = x_BF @ sparse.diags(ratio_F)

    def reader(w_F: NDArray[np.float32], beta: float) -> Read:
        w_F = ((1 - beta) * np.abs(w_F).mean() + beta * w_F) * ratio_F
        return platt(lambda texts: torch.from_numpy(counts.transform(texts) @ w_F).float(), parts.valid)

    svm_F: dict[float, Any] = {c: LinearSVC(C=c, random_state=0).fit(weighted_BF, label_B) for c in (0.01, 0.1, 1.0)}
    tried = {(c, beta): reader(svm.coef_[0], beta) for c, svm in svm_F.items() for beta in (0.25, 0.5, 1.0)}
    (c, beta), read = best(tried, parts.valid)
    return Reader(f"NBSVM on {_up_to(n)} (C = {c:g}, β = {beta:g})", read, lambda words: n * words)


def platt(distance: Read, valid: Reviews) -> Read:
    """Log-odds from distances: a scale and an offset, fitted on validation."""
    model = LogisticRegression(C=1e6).fit(distance(valid.texts).numpy()[:, None], valid.label_B.numpy())
    scale, offset = float(model.coef_[0, 0]), float(model.intercept_[0])
    return lambda texts: scale * distance(texts) + offset


def bag_of_embeddings(parts: Parts, *, size: int = 32, buckets: int = 2**19, epochs: int = 5) -> Reader:
    """As fastText does it (Joulin et al. 2017): learnt vectors of words and hashed pairs, their mean, a linear head."""
    known = vocabulary(parts.train.texts, 30_000, least=2)
    ids, label_B = [_with_pairs(known, words, buckets) for words in parts.train.texts], parts.train.label_B.float()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        vectors = nn.EmbeddingBag(2 + len(known.words) + buckets, size, mode="mean", sparse=True)
        nn.init.normal_(vectors.weight, std=0.1)
        net = nn.Sequential(vectors, nn.Linear(size, 1))
        order = [torch.randperm(len(ids)) for _ in range(epochs)]
    optimizers = torch.optim.Adagrad(vectors.parameters(), lr=0.3), torch.optim.Adam(net[1].parameters(), lr=5e-3)
    for index in (part for epoch in order for part in epoch.split(64)):
        loss = F.binary_cross_entropy_with_logits(_of_bags(net, [ids[i] for i in index]), label_B[index])
        net.zero_grad()
        loss.backward()
        with torch.sparse.check_sparse_tensor_invariants(False):  # torch warns where nobody says which
            for optimizer in optimizers:
                optimizer.step()

    @torch.no_grad()
    def read(texts: Words) -> Tensor:
        parts = (texts[i : i + 500] for i in range(0, len(texts), 500))
        return torch.cat([_of_bags(net, [_with_pairs(known, words, buckets) for words in part]) for part in parts])

    return Reader("bag of embeddings, as fastText (words and pairs)", read, lambda words: 2 * words + size)


def _of_bags(net: nn.Sequential, ids: list[list[int]]) -> Tensor:
    offset_B = torch.tensor([0, *map(len, ids[:-1])]).cumsum(0)
    vector_BD = net[0](torch.tensor([i for text in ids for i in text]), offset_B)
    return net[1](vector_BD).squeeze(1)


def _with_pairs(known: Vocabulary, words: list[str], buckets: int) -> list[int]:
    """Ids of words, and of pairs by a hash of their ids, which is the same in every process."""
    ids = known.ids(words)
    first = 2 + len(known.words)
    return [*(ids or [PADDING]), *(first + (a * 1_000_003 + b) % buckets for a, b in pairwise(ids))]


def _counted(n: int) -> dict[str, Any]:
    """What is counted: runs of 1 to `n` words that stand in two texts at least."""
    return {"analyzer": _runs(n), "min_df": 2, "dtype": np.float32}


def _runs(n: int) -> Callable[[list[str]], list[str]]:
    def runs(words: list[str]) -> list[str]:
        return [" ".join(words[i : i + k]) for k in range(1, n + 1) for i in range(len(words) - k + 1)]

    return runs


def _up_to(n: int) -> str:
    return ("words", "words and pairs", "words, pairs and triples")[n - 1]
