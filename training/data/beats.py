"""Heartbeats cut from whole records: alone, or in their order, in runs to learn from and record by record to be asked.

MIT-BIH is trained on and tested by de Chazal's split; further databases may be learnt from. What a record becomes is
kept for the whole process (some 6 KB a beat, with its made-up copies).
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import torch
from torch import Tensor

from signals import ecg, ecg_context, ecg_retimed
from training._recipe import Arrays, Splits
from training.data import incartdb, mitbih, svdb
from training.data._root import root
from training.data._wfdb import Database
from training.data.mitbih import TEST, TRAIN, VALID

DATABASES = (mitbih.DATABASE, svdb.DATABASE, incartdb.DATABASE)
NUMBERS = {name: i for i, name in enumerate(name for database in DATABASES for name in database.records)}
"""The number of a record in a split's last tensor; those of MIT-BIH's are their places in `mitbih.RECORDS`."""
MARGIN = (90, 144)
"""Samples that must lie before and after an R for its beat to count: then 49,692 beats are tested."""
S, V, Q = (ecg.CLASSES.index(name) for name in "SVQ")
RUN = 40
"""Beats of a run to learn from."""
MADE_UP = {"early": ecg_retimed.early_beats, "fibrillating": ecg_retimed.fibrillating}
EVERY = {"recorded": (20, 10, 5), "early": (30, 30, 30), "fibrillating": (50, 50, 50)}
"""How many beats after one run the next begins: where all is normal, where there is a V, where there is an S.

So a quarter of what is learnt from is of early beats that were made, and 15 % of made-up fibrillation.
"""


def alone() -> Splits:
    """`(beat_B1T in mV, half precision; class_B; record_B)`."""
    parts = (_gathered(part) for part in (TRAIN, VALID, TEST))
    return Splits(*((alone_B1T, class_B, record_B) for alone_B1T, _, _, class_B, record_B in parts))


def in_rhythm(
    *,
    train: tuple[str, ...] = TRAIN,
    valid: tuple[str, ...] = VALID,
    test: tuple[str, ...] = TEST,
    made_up: bool = True,
) -> Splits:
    """Beats in their order: `(beat_BCT in usual beats, half precision; rhythm_BF; class_B; record_B)`.

    `train` is of runs of `RUN` beats, `(beat_RLCT, rhythm_RLF, class_RL, record_R)`, some of which, unless told
    otherwise, are of made-up rhythms (`signals/ecg_retimed.py`). What is not asked there has class −1.
    """
    kinds = ("recorded", *MADE_UP) if made_up else ("recorded",)
    runs = _joined(_runs(_cut(str(root()), name, kind)[1:], EVERY[kind]) for kind in kinds for name in _at_hand(train))
    return Splits(runs, *(_gathered(part)[1:] for part in (valid, test)))


def log_prior() -> Tensor:
    """The logarithm of each class's share of the training beats `(C,)`; a class below 1 % counts as 1 %."""
    class_B = alone().train[1]
    return (class_B.bincount(minlength=len(ecg.CLASSES)) / len(class_B)).clamp(min=0.01).log()


def _gathered(names: tuple[str, ...]) -> Arrays:
    """Both views of every beat of these records, its rhythm, class and record."""
    return _joined(_cut(str(root()), name) for name in _at_hand(names))


def _at_hand(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if _database(name).at_hand_of((name,))]


def _database(name: str) -> Database:
    return next(database for database in DATABASES if name in database.records)


def _runs(beats: Arrays, every: tuple[int, int, int]) -> Arrays:
    """Runs of one recording: one begins every so many beats where all of it is normal, where there is a V, and an S."""
    class_B = beats[-2]
    first_N = torch.arange(max(0, len(class_B) - RUN + 1))
    class_NL = class_B[first_N[:, None] + torch.arange(RUN)]
    rarest_N = torch.where((class_NL == S).any(1), 2, (class_NL == V).any(1).long())
    begins_R = first_N[first_N % torch.tensor(every)[rarest_N] == 0]
    *inputs, class_RL, record_RL = (t[begins_R[:, None] + torch.arange(RUN)] for t in beats)
    return *inputs, class_RL.where(class_RL != Q, ecg_retimed.UNASKED), record_RL[:, 0]


def _joined(parts: Iterable[Arrays]) -> Arrays:
    return tuple(torch.cat(column) for column in zip(*parts, strict=True))


@cache
def _cut(folder: str, name: str, kind: str = "recorded") -> Arrays:
    """The beats of one record below `folder`, as it was recorded or in a made-up rhythm, always the same."""
    it = _database(name).record(name)
    x_T, r_B, class_B = ecg.clean(it.x_T), it.r_B, it.class_B
    if kind in MADE_UP:
        draw = np.random.default_rng([NUMBERS[name], list(MADE_UP).index(kind)])
        x_T, r_B, class_B = MADE_UP[kind](x_T, r_B, class_B, draw)
    beats = ecg_context.beats(x_T, r_B)
    whole_B = torch.from_numpy((r_B >= MARGIN[0]) & (r_B + MARGIN[1] <= len(x_T)))
    columns = (
        beats.alone_B1T.half(), beats.context_BCT.half(), beats.rhythm_BF, torch.from_numpy(class_B),
        torch.full((len(r_B),), NUMBERS[name]),
    )  # fmt: skip
    return tuple(column[whole_B] for column in columns)
