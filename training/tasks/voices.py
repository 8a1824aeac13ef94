"""What both recipes for voices share: the losses, and what the trials say."""

import math
from functools import partial

import torch
import torch.nn.functional as F
import torchaudio.functional as AF
from torch import Tensor

from explanation.projection import pca
from metrics.detection import eer, equal_errors, min_dcf
from metrics.intervals import Interval, bootstrap
from models.speaker import SiameseGRU, SpeakerNet, Voice, discriminant, embedding, statistics
from signals.audio import FULL_SCALE
from training._acquaintance import acquaintance
from training._recipe import Arrays, Metric, Metrics, Optimizers, Splits, wrong_on
from training._sound_augment import augment_channel, crops, spec_augment
from training._steps import uniform, update
from training.data.speakers import AN4, CORPORA, trials, utterances

EER = Metric(
    key="eer", title="EER", unit="%", format=".2f", scale=100, lower_is_better=True,
    words=partial(wrong_on, "pairs"), chance="chance: 1 of 2",
)  # fmt: skip
OTHERS = {f"eer_{name}": corpus for name, corpus in CORPORA.items() if corpus != AN4}
SPEEDS = (10, 9, 11)
"""Tenths of the speed at which somebody spoke; played faster, a voice is higher, and counts as another person's."""
TWENTIETHS = (17, 18, 19, 20, 21, 22, 23)
"""Twentieths of the speed, for what is computed in closed form."""


def contrastive(e_BE: Tensor, label_B: Tensor, *, margin: float = 0.3) -> Tensor:
    """Twins should coincide, strangers stay below a cosine of `margin` (after Hadsell et al. 2006), over all pairs.

    The mean over pairs of one speaker of `(1 − cos)²`, plus that over pairs of strangers of `max(0, cos − margin)²`.
    """
    cosine_BB = e_BE @ e_BE.T
    same_BB = label_B[:, None] == label_B[None]
    other_BB = ~torch.eye(len(e_BE), dtype=torch.bool, device=e_BE.device)
    twins, strangers = cosine_BB[same_BB & other_BB], cosine_BB[~same_BB]
    return (1 - twins).square().mean() + (strangers - margin).clamp(min=0).square().mean()


def additive_margin(
    e_BE: Tensor, direction_CE: Tensor, label_B: Tensor, *, margin: float = 0.2, scale: float = 30.0
) -> Tensor:
    """Cross-entropy over speakers' directions, the right angle made `margin` radians wider (ArcFace, Deng 2019)."""
    cosine_BC = e_BE @ F.normalize(direction_CE, dim=1).T
    right_B1 = cosine_BC.gather(1, label_B[:, None]).clamp(-1 + 1e-6, 1 - 1e-6)
    widened_B1 = torch.where(
        right_B1 > math.cos(math.pi - margin), (right_B1.acos() + margin).cos(), right_B1 - margin * math.sin(margin)
    )
    return F.cross_entropy(scale * cosine_BC.scatter(1, label_B[:, None], widened_B1), label_B)


def prototypical(e_BE: Tensor, label_B: Tensor, *, scale: float = 15.0) -> Tensor:
    """Each voice should lie nearest to the mean of its speaker's *other* voices in the batch, `()` (Chung et al. 2020).

    A speaker's own mean leaves the voice in question out (as in GE2E, Wan et al. 2018); voices that are alone in the
    batch only serve as strangers.
    """
    names, which_B = label_B.unique(return_inverse=True)
    one_BS = F.one_hot(which_B, len(names)).to(e_BE.dtype)
    count_S = one_BS.sum(0)
    sum_SE = one_BS.T @ e_BE
    logit_BS = e_BE @ F.normalize(sum_SE, dim=1).T
    own_B = (e_BE * F.normalize(sum_SE[which_B] - e_BE, dim=1, eps=1e-6)).sum(1)
    logit_BS = torch.where(one_BS.bool(), own_B[:, None], logit_BS)
    several_B = count_S[which_B] > 1
    return F.cross_entropy(scale * logit_BS[several_B], which_B[several_B])


def embeddings(model: Voice, split: Arrays) -> Tensor:
    """The voice of every whole utterance `(N, E)`, one by one, so that padding plays no part."""
    x_NT, length_N = split[0], split[1].tolist()
    return torch.stack([embedding(model, x_NT[i, :n].float() / FULL_SCALE) for i, n in enumerate(length_N)])


def split_trials(score_NN: Tensor, speaker_N: Tensor) -> tuple[Tensor, Tensor]:
    """The scores of every pair of one speaker, and of every pair of two, each `(P,)`."""
    a_P, b_P, same_P = trials(speaker_N)
    score_P = score_NN[a_P, b_P]
    return score_P[same_P], score_P[~same_P]


def corpus_trials(score_NN: Tensor, split: Arrays, corpus: int) -> tuple[Tensor, Tensor]:
    """`split_trials` within one corpus of a split."""
    at_N = (split[3] == corpus).nonzero().flatten()
    return split_trials(score_NN[at_N][:, at_N], split[2][at_N])


def metrics_of_scores(score_NN: Tensor, split: Arrays) -> Metrics:
    """EER and least cost over all pairs of AN4; of its same-sex pairs and of the other corpora, where there are any."""
    _, _, speaker_N, corpus_N, sex_N = split
    same_P, different_P = corpus_trials(score_NN, split, AN4)
    found = {"eer": eer(same_P, different_P), "min_dcf": min_dcf(same_P, different_P)}
    at_N = (corpus_N == AN4).nonzero().flatten()
    a_P, b_P, is_same_P = trials(speaker_N[at_N])
    a_P, b_P = at_N[a_P[~is_same_P]], at_N[b_P[~is_same_P]]
    same_sex_P = (sex_N[a_P] == sex_N[b_P]) & (sex_N[a_P] >= 0)
    if same_sex_P.any():
        found["eer_same_sex"] = eer(same_P, different_P[same_sex_P])
    for key, corpus in OTHERS.items():
        same_P, different_P = corpus_trials(score_NN, split, corpus)
        if len(same_P):  # in training a speaker may have but one crop
            found[key] = eer(same_P, different_P)
    return found


def bootstrap_eer(score_NN: Tensor, speaker_N: Tensor, *, rounds: int = 1000) -> Interval:
    """The EER's 95 % interval when the speakers are drawn again with replacement.

    A speaker drawn twice brings its own pairs twice, and its pairs with every other speaker twice. The two copies are
    not paired with one another: those would be recordings compared with themselves.
    """
    groups = [(speaker_N == s).nonzero().flatten() for s in speaker_N.unique()]
    same = [split_trials(score_NN[g][:, g], torch.zeros(len(g)))[0] for g in groups]
    cross = [[score_NN[torch.minimum(*p), torch.maximum(*p)] for p in _paired(groups, g)] for g in groups]

    def statistic(drawn: list[int]) -> float:
        pairs = [cross[s][t] for i, s in enumerate(drawn) for t in drawn[i + 1 :] if s != t]
        return eer(torch.cat([same[s] for s in drawn]), torch.cat(pairs)) if pairs else math.nan

    return bootstrap(range(len(groups)), statistic, rounds=rounds)


def _paired(groups: list[Tensor], g_N: Tensor) -> list[Tensor]:
    """Every utterance of `g_N` with every one of each group: `(2, P)` for each."""
    return [torch.cartesian_prod(g_N, h_N).T for h_N in groups]


def an4_recordings(split: Arrays) -> int:
    """On how many recordings the headline is measured: AN4's."""
    return int((split[3] == AN4).sum())


@torch.no_grad()
def similarities(model: Voice, split: Arrays) -> Tensor:
    """`(N, N)`: how alike every two utterances sound, as the net scores them."""
    e_NE = embeddings(model, split)
    return model.score(e_NE, e_NE)


def evaluate(model: Voice, split: Arrays) -> Metrics:
    """`metrics_of_scores`, of the net's own scores."""
    return metrics_of_scores(similarities(model, split), split)


def intervals(model: Voice, split: Arrays) -> dict[str, Interval]:
    """Of the EER on each corpus, over speakers."""
    return bootstrap_intervals(similarities(model, split), split)


def bootstrap_intervals(score_NN: Tensor, split: Arrays) -> dict[str, Interval]:
    """`bootstrap_eer` for each corpus of a split."""
    found = {}
    for key, corpus in {"eer": AN4, **OTHERS}.items():
        at_N = (split[3] == corpus).nonzero().flatten()
        if len(at_N):
            found[key] = bootstrap_eer(score_NN[at_N][:, at_N], split[2][at_N])
    return found


def threshold(model: Voice, split: Arrays) -> float:
    """From which score on two voices count as one: where both errors are equal over all trials of a split's corpora."""
    score_NN = similarities(model, split)
    found = [corpus_trials(score_NN, split, corpus) for corpus in split[3].unique().tolist()]
    return equal_errors(*(torch.cat(score_P) for score_P in zip(*found, strict=True))).threshold


def evidence(model: Voice, splits: Splits) -> dict[str, Tensor]:
    """The tab's facts about the test trials: every similarity, who spoke, and a map; no test voice is kept.

    Of every utterance `speaker`, `corpus`, `sex`, `length` `(N,)`, its place on the `map` `(N, 2)` and `name` `(N, L)`,
    in ASCII, padded with zeros; the plane of that map; and of every trial of a corpus its score `(P,)`, in the order
    of `speakers.trials` over the utterances of that corpus. Of validation the `threshold` `()`; and `acquaintance`.
    """
    e_NE = embeddings(model, splits.test)
    with torch.no_grad():
        score_NN = model.score(e_NE, e_NE)
    _, length_N, speaker_N, corpus_N, sex_N = splits.test
    plane = pca(e_NE[corpus_N == AN4])
    found = {"speaker": speaker_N, "corpus": corpus_N, "sex": sex_N, "length": length_N, "map": plane.place(e_NE)}
    found |= {"plane_mean": plane.mean_D, "plane_axes": plane.axes_D2.contiguous()}
    for key, corpus in CORPORA.items():
        at_N = corpus_N == corpus
        if at_N.any():
            a_P, b_P, _ = trials(speaker_N[at_N])
            found[f"score_{key}"] = score_NN[at_N][:, at_N][a_P, b_P]
    names = [u.name.encode() for u in utterances("test")][: len(e_NE)]
    table_NL = torch.zeros(len(names), max(map(len, names)), dtype=torch.uint8)
    for row, name in zip(table_NL, names, strict=True):
        row[: len(name)] = torch.frombuffer(bytearray(name), dtype=torch.uint8)
    found |= {"name": table_NL, "threshold": torch.tensor(threshold(model, splits.valid))}
    return found | acquaintance(splits)


def fit_discriminant(model: SpeakerNet, splits: Splits) -> None:
    """Give the net its closed-form half: the discriminant of AN4's training speakers, each at seven speeds.

    A voice at another speed counts as another person's, which makes seven times as many persons to tell apart.
    LibriSpeech's speakers have one crop each and say nothing about how one voice varies: they are left out.
    """
    x_NT, length_N, speaker_N, corpus_N, _ = splits.train
    found, labels = [], []
    with torch.no_grad():
        for i in (corpus_N == AN4).nonzero().flatten().tolist():
            x_BT = x_NT[i : i + 1, : int(length_N[i])].float() / FULL_SCALE
            for k, speed in enumerate(TWENTIETHS):
                played_BT = x_BT if speed == 20 else AF.resample(x_BT, speed, 20)
                found.append(statistics(model.spectrum(played_BT)))
                labels.append(int(speaker_N[i]) * len(TWENTIETHS) + k)
    mean_S, matrix_SE = discriminant(torch.cat(found), torch.tensor(labels), model.statistics)
    model.mean_S.copy_(mean_S)
    model.matrix_SE.copy_(matrix_SE)


def gather_cohort(model: SpeakerNet, splits: Splits) -> None:
    """Give the net its cohort: each training speaker's mean voice in either hearing, in half precision."""
    e_NE, speaker_N = embeddings(model, splits.train), splits.train[2]
    size = model.statistics
    for k, speaker in enumerate(speaker_N.unique()[: model.cohort]):
        for cohort_KE, heard_NE in (
            (model.cohort_plain_KE, e_NE[:, :size]), (model.cohort_convolved_KE, e_NE[:, size:])
        ):  # fmt: skip
            cohort_KE[k] = F.normalize(heard_NE[speaker_N == speaker].sum(0), dim=0).half()


def contrastive_step(
    model: SiameseGRU, batch: Arrays, optimizers: Optimizers, generator: torch.Generator, *, seconds: float = 1.5
) -> dict[str, Tensor]:
    """One update on the contrastive loss over all pairs of two pieces of every utterance, as they were recorded."""
    x_BT, length_B, speaker_B = batch[:3]
    pieces = [crops(x_BT, length_B, generator, seconds=seconds) for _ in range(2)]
    with torch.enable_grad():
        loss = contrastive(model(torch.cat(pieces)), speaker_B.repeat(2))
        update(optimizers["model"], loss)
    return {"contrastive": loss}


def step(
    model: SpeakerNet,
    batch: Arrays,
    optimizers: Optimizers,
    generator: torch.Generator,
    *,
    seconds: float = 1.5,
    noise_share: float = 0.25,
    filter_db: float = 1.5,
    band_share: float = 0.0,
    margin: float = 0.2,
    scale: float = 30.0,
    prototypes: float = 1.0,
) -> dict[str, Tensor]:
    """One update on two disguised pieces of every utterance: additive margin over all speakers, plus prototypes."""
    x_BT, length_B, speaker_B = batch[:3]
    draw_B = (uniform(generator, 0, 1, len(x_BT)) * len(SPEEDS)).long()
    speed_B = torch.tensor(SPEEDS, device=x_BT.device)[draw_B]
    pieces = [
        augment_channel(
            crops(x_BT, length_B, generator, seconds=seconds, speed_B=speed_B),
            generator, noise_share=noise_share, filter_db=filter_db, band_share=band_share,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert model.direction_CE is not None
    label_B = (speaker_B + draw_B * (model.classes // len(SPEEDS))).repeat(2)
    with torch.enable_grad():
        e_BE = model.convolved(spec_augment(model.spectrum(torch.cat(pieces)), generator))
        margins = additive_margin(e_BE, model.direction_CE, label_B, margin=margin, scale=scale)
        nearest = prototypical(e_BE, label_B)
        update(optimizers["model"], margins + prototypes * nearest)
    return {"additive_margin": margins, "prototypical": nearest}
