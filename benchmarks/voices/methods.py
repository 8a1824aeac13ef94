"""What compares voices: two classical methods, as strong as the training side makes them; our nets and their halves."""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from models.speaker import SpeakerNet, Voice, adaptive_norm, discriminant, embedding
from signals.audio import FULL_SCALE, RATE_HZ
from training import Arrays, Splits
from training.data.speakers import AN4
from training.tasks.voices import metrics_of_scores

SHRINKAGES = (0.01, 0.03, 0.1, 0.3)
NEAREST = 100
Score = Callable[[Tensor, Tensor], Tensor]
"""How alike two lists of points are, `(N, E)` and `(M, E)` to `(N, M)`."""


def cosine(a_NE: Tensor, b_ME: Tensor) -> Tensor:
    """Of points of length 1."""
    return a_NE @ b_ME.T


@dataclass(frozen=True)
class Method:
    """Something that turns an utterance `x_T` into a point of length 1, and how many numbers it keeps."""

    name: str
    place: Callable[[Tensor], Tensor]
    parameters: int
    seconds: float | None = None
    score: Score = cosine
    role: Literal["peer", "ours"] = "peer"
    """Beside which `speaker` stands in the tables: a method of its own, or a part of `speaker` itself."""


def waves(split: Arrays) -> Iterator[Tensor]:
    """The utterances of a split, each `(T,)` in [-1, 1]."""
    for x_T, length in zip(split[0], split[1].tolist(), strict=True):
        yield x_T[:length].float() / FULL_SCALE


@cache
def mfcc() -> Callable[[Tensor], Tensor]:
    """20 MFCC of 32 ms every 10 ms, from 40 mel bands."""
    from torchaudio.transforms import MFCC

    return MFCC(RATE_HZ, n_mfcc=20, melkwargs={"n_fft": 512, "hop_length": 160, "n_mels": 40})


def mean_and_deviation(x_T: Tensor) -> Tensor:
    """Of every MFCC over time: `(40,)`."""
    c_KN = mfcc()(x_T)
    return torch.cat([c_KN.mean(1), c_KN.std(1)])


@dataclass(frozen=True)
class Projection:
    """Statistics `(N, S)` through a matrix, compared by cosine, or against a cohort where it has one."""

    name: str
    mean_S: Tensor
    matrix_SE: Tensor
    cohort_KE: Tensor | None = None

    def place(self, s_NS: Tensor) -> Tensor:
        return F.normalize((s_NS - self.mean_S) @ self.matrix_SE, dim=1)

    def score(self, a_NE: Tensor, b_ME: Tensor) -> Tensor:
        return cosine(a_NE, b_ME) if self.cohort_KE is None else adaptive_norm(a_NE, b_ME, self.cohort_KE, NEAREST)

    def against(self, s_NS: Tensor, speaker_N: Tensor) -> "Projection":
        """The same, against the speakers of these statistics."""
        e_NE = self.place(s_NS)
        cohort_KE = torch.stack([F.normalize(e_NE[speaker_N == s].mean(0), dim=0) for s in speaker_N.unique()])
        return replace(self, name=f"{self.name}, adaptive norm", cohort_KE=cohort_KE)

    def rate(self, s_NS: Tensor, split: Arrays) -> float:
        """The mean of both corpora's EER."""
        e_NE = self.place(s_NS)
        found = metrics_of_scores(self.score(e_NE, e_NE), split)
        rates = [found[key] for key in ("eer", "eer_librispeech") if key in found]
        return sum(rates) / len(rates)

    def method(self, began: float) -> "Method":
        kept = self.mean_S.numel() + self.matrix_SE.numel() + (0 if self.cohort_KE is None else self.cohort_KE.numel())
        return Method(
            self.name, lambda x_T: self.place(mean_and_deviation(x_T)[None])[0], kept, time.process_time() - began,
            self.score,
        )  # fmt: skip


def classical(found: Splits) -> Iterator[Method]:
    """The two methods without a net, fitted on the training speakers, and the best of their kind on validation."""
    began = time.process_time()
    train_NS, valid_NS = (
        torch.stack([mean_and_deviation(x_T) for x_T in waves(s)]) for s in (found.train, found.valid)
    )
    for kind in (whitenings(train_NS), discriminants(train_NS, found.train)):
        plain = list(kind)
        every = plain + [one.against(train_NS, found.train[2]) for one in plain]
        yield min(every, key=lambda one: one.rate(valid_NS, found.valid)).method(began)


def whitenings(s_NS: Tensor) -> Iterator[Projection]:
    """Every number brought to deviation 1, or all to a round cloud; with the level (the first MFCC) or without."""
    heard_S = torch.ones(s_NS.shape[1])
    heard_S[[0, len(heard_S) // 2]] = 0
    covariance_SS = torch.cov(s_NS.T.double())
    _, axes_SS = torch.linalg.eigh(covariance_SS)
    round_SS = (axes_SS / (axes_SS.T @ covariance_SS @ axes_SS).diag().sqrt()).float()
    for way, matrix_SE in (("number by number", (1 / s_NS.std(0)).diag()), ("as a whole", round_SS)):
        for level, kept_SE in (("", matrix_SE), (" without the level", heard_S[:, None] * matrix_SE)):
            yield Projection(f"20 MFCC{level}: mean and deviation, whitened {way}", s_NS.mean(0), kept_SE)


def discriminants(s_NS: Tensor, split: Arrays) -> Iterator[Projection]:
    """Fisher's, of AN4's speakers: of LibriSpeech's there is one crop each."""
    at_N = split[3] == AN4
    for shrinkage in SHRINKAGES:
        fit = discriminant(s_NS[at_N], split[2][at_N], 30, shrinkage=shrinkage)
        yield Projection(f"20 MFCC, linear discriminant (shrinkage {shrinkage:g})", *fit)


def of_net(name: str, model: Voice, seconds: float | None = None) -> Method:
    parameters = sum(t.numel() for t in model.state_dict().values())
    return Method(name, lambda x_T: embedding(model, x_T), parameters, seconds, torch.no_grad()(model.score))


def halves(net: SpeakerNet) -> Iterator[Method]:
    """Our net with only one of its two hearings."""
    for name, share in (
        ("`speaker`, its statistics alone (closed form)", 1.0),
        ("`speaker`, its convolutions alone", 0.0),
    ):
        half = copy.deepcopy(net)
        half.share = share
        yield replace(of_net(name, half), role="ours")
