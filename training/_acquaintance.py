"""What the recordings of a training sound like, so that a tab can tell when one is none of their kind."""

import torch
from torch import Tensor

from models.speaker import distances, log_mel, statistics
from signals.audio import FULL_SCALE
from training._recipe import Arrays, Splits

DIRECTIONS, PARTS, MISTAKEN = 20, 5, 0.02
"""Of what is known: the directions in which it is measured, the parts in which the training speakers are left out in
turn, and the share of them beyond the limit. In view while they were chosen: those speakers, those who validate, noises
of ESC-10's fold 4 and of everyday training, and ten voices of espeak-ng other than the test's."""


def acquaintance(splits: Splits) -> dict[str, Tensor]:
    """What recordings like those of the training sound like, so that a tab can tell when one does not.

    `known_mean` `(S,)` and `known_axes` `(S, K)` measure how far the statistics of a recording's log-mel spectrum lie
    from those of the training: the squared length of `(s − mean) @ axes`, a Mahalanobis distance in the K widest
    directions. `known_limit` `()` is the distance that 2 % of the training speakers exceed when they are left out in
    turn, of AN4 or of LibriSpeech, whichever is further. Of the test's recordings `distance` `(N,)`.
    """
    speaker_N, corpus_N = splits.train[2:4]
    s_NS = sound_statistics(splits.train)
    away_N = torch.zeros(len(s_NS))
    for part in range(PARTS):
        left_out_N = speaker_N % PARTS == part
        away_N[left_out_N] = distances(s_NS[left_out_N], _spread(s_NS[~left_out_N]))
    limits = [away_N[corpus_N == corpus].quantile(1 - MISTAKEN) for corpus in corpus_N.unique()]
    found = _spread(s_NS) | {"known_limit": torch.stack(limits).amax()}
    return found | {"distance": distances(sound_statistics(splits.test), found)}


def _spread(s_NS: Tensor) -> dict[str, Tensor]:
    mean_S = s_NS.mean(0)
    _, deviation_K, axes_KS = torch.linalg.svd((s_NS - mean_S).double(), full_matrices=False)
    spread_K = deviation_K[:DIRECTIONS] / len(s_NS) ** 0.5
    return {"known_mean": mean_S, "known_axes": (axes_KS[:DIRECTIONS] / spread_K[:, None]).T.float().contiguous()}


def sound_statistics(split: Arrays) -> Tensor:
    """`statistics` of the log-mel spectrum of every whole utterance `(N, S)`."""
    x_NT, length_N = split[0], split[1].tolist()
    return torch.cat([statistics(log_mel(x_NT[i : i + 1, :n].float() / FULL_SCALE)) for i, n in enumerate(length_N)])
