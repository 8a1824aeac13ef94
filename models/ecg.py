"""Nets that judge one heartbeat: a small CNN, the same with attention or with an LSTM, and one that hears the rhythm.

The first three see a beat alone, `x_B1T` of 256 samples at 360 Hz in mV, and give logits `(B, classes)`; `BeatNet` sees
runs of beats that follow one another, each in context. Suffixes: P places of the feature map, H heads, F features,
R runs, L beats of a run, E what is known of one beat.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.boosted_trees import BoostedTrees
from signals.ecg_context import ABSOLUTE, RHYTHM
from signals.ecg_measures import measures

PART = 1000
"""Beats, or runs of them, that are answered at a time."""
JUDGED = 3
"""The kinds of beat that trees tell apart: N, S and V."""


class BeatCNN(nn.Module):
    """Two convolutions, each with batch norm, ReLU and max-pooling, then a perceptron.

    From `x_B1T` to logits `(B, classes)`, by way of a map `(B, 64, 32)` of 256 samples, one place of which is 22 ms.
    """

    LOOKS_AT = "features.4"
    """The last convolution: where Grad-CAM listens."""

    def __init__(
        self, *, channels: tuple[int, int] = (32, 64), hidden: int = 64, classes: int = 5, dropout: float = 0.3
    ):
        super().__init__()
        self.channels, self.hidden, self.classes, self.dropout = list(channels), hidden, classes, dropout
        self.features = nn.Sequential(
            nn.Conv1d(1, channels[0], 9, padding=4, bias=False), nn.BatchNorm1d(channels[0]), nn.ReLU(),
            nn.MaxPool1d(4),
            nn.Conv1d(channels[0], channels[1], 9, padding=4, bias=False), nn.BatchNorm1d(channels[1]), nn.ReLU(),
            nn.MaxPool1d(2),
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.AdaptiveMaxPool1d(16), nn.Flatten(), nn.Dropout(dropout), nn.Linear(16 * channels[1], hidden), nn.ReLU(),
            nn.Dropout(dropout), nn.Linear(hidden, classes),
        )  # fmt: skip

    def forward(self, x_B1T: Tensor) -> Tensor:
        return self.head(self.between(self.features(x_B1T)))

    def between(self, map_BCP: Tensor) -> Tensor:
        """What happens to the feature map before the head, `(B, C, P)`: nothing here."""
        return map_BCP


class BeatAttention(BeatCNN):
    """`BeatCNN` with multi-head self-attention (Vaswani et al. 2017) over the 32 places of its feature map."""

    def __init__(
        self,
        *,
        channels: tuple[int, int] = (32, 64),
        hidden: int = 64,
        classes: int = 5,
        dropout: float = 0.3,
        heads: int = 4,
    ) -> None:
        super().__init__(channels=channels, hidden=hidden, classes=classes, dropout=dropout)
        self.heads = heads
        self.place = nn.Parameter(0.02 * torch.randn(1, channels[1], 32))
        self.attention = nn.MultiheadAttention(channels[1], heads, dropout=0.1, batch_first=True)
        self.norm = nn.LayerNorm(channels[1])

    def between(self, map_BCP: Tensor) -> Tensor:
        """The map `(B, C, P)` with what its places tell each other added, normed."""
        return self._attend(map_BCP)[0]

    def weights(self, x_B1T: Tensor) -> Tensor:
        """How much each head looks at each place `(B, H, P)`: the mean over all places that ask; each row sums to 1."""
        return self._attend(self.features(x_B1T))[1].mean(2)

    def _attend(self, map_BCP: Tensor) -> tuple[Tensor, Tensor]:
        map_BPC = (map_BCP + self.place).transpose(1, 2)
        heard_BPC, weight_BHPP = self.attention(map_BPC, map_BPC, map_BPC, average_attn_weights=False)
        return self.norm(map_BPC + heard_BPC).transpose(1, 2), weight_BHPP


class BeatCNNLSTM(BeatCNN):
    """`BeatCNN` with a bidirectional LSTM over its feature map before the head (Hochreiter & Schmidhuber 1997)."""

    def __init__(
        self, *, channels: tuple[int, int] = (32, 64), hidden: int = 64, classes: int = 5, dropout: float = 0.3
    ):
        super().__init__(channels=channels, hidden=hidden, classes=classes, dropout=dropout)
        self.lstm = nn.LSTM(channels[1], channels[1] // 2, batch_first=True, bidirectional=True)

    def between(self, map_BCP: Tensor) -> Tensor:
        """What the LSTM says at each place, `(B, C, P)`: half of the channels from either direction."""
        return self.lstm(map_BCP.transpose(1, 2))[0].transpose(1, 2)


class BeatNet(nn.Module):
    """Nets that hear a run of beats, of one build and each from its own first weights, and trees that see it measured.

    Takes runs of beats that follow one another, `x_RLCT` and `rhythm_RLF` as `signals/ecg_context.py` makes them, and
    gives the mean of the members' log-probabilities `(R, L, classes)`; `answers` hears the trees too.

    `references`: usual beats that are seen (1: the local one alone); `absolute`: whether intervals in seconds are heard
    too; `either_way`: whether a lead and the same turned over get one answer; `memory`: units of the recurrent net, 0
    for none; `members`: how many nets; `rounds`: of boosting, each a tree for N, S and V, 0 for none; `say`: the trees'
    share of an answer.
    """

    SPAN = 40
    """Beats that are heard to judge one: 38 before it, itself, and the one that follows it."""

    def __init__(
        self,
        *,
        references: int = 2,
        absolute: bool = False,
        either_way: bool = True,
        memory: int = 32,
        members: int = 3,
        rounds: int = 0,
        say: float = 0.5,
        channels: tuple[int, ...] = (24, 32, 48),
        hidden: int = 64,
        shape: int = 16,
        classes: int = 5,
        dropout: float = 0.4,
    ) -> None:
        super().__init__()
        self.references, self.absolute, self.either_way, self.memory = references, absolute, either_way, memory
        self.members, self.channels, self.hidden, self.shape = members, list(channels), hidden, shape
        self.classes, self.dropout, self.rounds, self.say = classes, dropout, rounds, say
        self.rhythm_mean: Tensor
        self.rhythm_deviation: Tensor
        self.register_buffer("rhythm_mean", torch.zeros(len(RHYTHM)))
        self.register_buffer("rhythm_deviation", torch.ones(len(RHYTHM)))
        inputs, rhythms = 2 * references + 2, len(RHYTHM) - (0 if absolute else ABSOLUTE)
        self.nets = nn.ModuleList(
            Listener(inputs, rhythms, memory=memory, channels=channels, hidden=hidden, shape=shape, classes=classes,
                     dropout=dropout) for _ in range(members)
        )  # fmt: skip
        self.trees = BoostedTrees(rounds=rounds, classes=JUDGED) if rounds else None

    @property
    def looks_at(self) -> list[str]:
        """The last convolution of each member."""
        return [f"nets.{i}.blocks.1.second" for i in range(self.members)]

    def forward(self, x_RLCT: Tensor, rhythm_RLF: Tensor) -> Tensor:
        return self.judge(self.embed(x_RLCT, rhythm_RLF))

    def embed(self, x_RLCT: Tensor, rhythm_RLF: Tensor) -> Tensor:
        """What the members know of each beat by itself and beside its two neighbours, side by side, `(R, L, E)`."""
        own_RLCT = x_RLCT[:, :, : 2 * self.references]
        odd_RLT = own_RLCT[:, :, -1]  # the difference from the last usual beat
        nothing_RT = torch.zeros_like(odd_RLT[:, :1])
        before_RLT, after_RLT = torch.cat([nothing_RT, odd_RLT[:, :-1]], 1), torch.cat([odd_RLT[:, 1:], nothing_RT], 1)
        seen_RLCT = torch.cat([own_RLCT, before_RLT.unsqueeze(2), after_RLT.unsqueeze(2)], 2)
        scaled_RLF = ((rhythm_RLF - self.rhythm_mean) / self.rhythm_deviation).clamp(-4, 4)
        heard_RLF = scaled_RLF if self.absolute else scaled_RLF[:, :, ABSOLUTE:]
        return torch.cat([net.embed(seen_RLCT, heard_RLF) for net in self.nets], 2)  # type: ignore[operator]

    def each(self, known_RLE: Tensor) -> Tensor:
        """Every member's logits of what it knows of each beat of a run `(members, R, L, classes)`."""
        parts = zip(self.nets, known_RLE.chunk(self.members, 2), strict=True)
        return torch.stack([net.head(net.remember(part_RLE)) for net, part_RLE in parts])  # type: ignore[operator]

    def judge(self, known_RLE: Tensor) -> Tensor:
        """Log-probabilities `(R, L, classes)` of what is known of each beat of a run."""
        return self.each(known_RLE).log_softmax(3).mean(0)

    def place(self, beats: int) -> tuple[Tensor, Tensor]:
        """For each of so many beats where the run that judges it begins, and which beat of that it is, `(B,)` both.

        A run has `SPAN` beats, or all where there are fewer; a beat is its last but one, but at either end.
        """
        at_B = torch.arange(beats)
        first_B = (at_B - self.SPAN + 2).clamp(0, max(0, beats - self.SPAN))
        return first_B, at_B - first_B

    def answers(self, x_BCT: Tensor, rhythm_BF: Tensor) -> Tensor:
        """The probabilities `(B, classes)` of all beats of one recording, in order; either way up, the mean of both."""
        first_B, place_B = self.place(len(x_BCT))
        signs = (1, -1) if self.either_way else (1,)
        known_RBE = self.embed(torch.stack([sign * x_BCT for sign in signs]), torch.stack([rhythm_BF for _ in signs]))
        found = []
        for known_BE in known_RBE:
            runs_RLE = known_BE.unfold(0, min(self.SPAN, len(known_BE)), 1).transpose(1, 2)
            judged_RLC = torch.cat([self.judge(part_RLE) for part_RLE in runs_RLE.split(PART)])
            found.append(judged_RLC[first_B, place_B].softmax(1))
        heard_BC = torch.stack(found).mean(0)
        return heard_BC if self.trees is None else self.mixed(heard_BC, self.seen(x_BCT, rhythm_BF))

    def seen(self, x_BCT: Tensor, rhythm_BF: Tensor) -> Tensor:
        """The trees' probabilities `(B, classes)` of beats that follow one another, by their measures."""
        assert self.trees is not None
        seen_BC = torch.cat([self.trees(part_BD) for part_BD in measures(x_BCT, rhythm_BF).split(PART)])
        return F.pad(seen_BC, (0, self.classes - JUDGED))

    def mixed(self, heard_BC: Tensor, seen_BC: Tensor) -> Tensor:
        """The nets' and the trees' probabilities `(..., classes)` together, each with its say."""
        return (1 - self.say) * heard_BC + self.say * seen_BC


class Listener(nn.Module):
    """Residual blocks (He et al. 2016) over a beat, a perceptron over its intervals, and a memory of the beats before.

    A recurrent net (a GRU, Cho et al. 2014) hears the beats of a run one after the other; what it knows one beat later
    judges a beat, beside what the beat itself says. The beat's shape reaches all that through `shape` numbers only: the
    less it can remember of the training patients, the better it does on others.
    """

    def __init__(
        self,
        inputs: int,
        rhythms: int,
        *,
        memory: int,
        channels: tuple[int, ...],
        hidden: int,
        shape: int,
        classes: int,
        dropout: float,
    ) -> None:
        super().__init__()
        half = hidden // 2
        self.stem = nn.Sequential(
            nn.Conv1d(inputs, channels[0], 7, stride=2, padding=3, bias=False), nn.BatchNorm1d(channels[0]), nn.ReLU()
        )
        self.blocks = nn.Sequential(*(Residual(n, m) for n, m in pairwise(channels)))
        self.squeeze = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * channels[-1], shape), nn.ReLU())
        self.rhythm = nn.Sequential(
            nn.Linear(rhythms, half), nn.ReLU(), nn.Dropout(0.1), nn.Linear(half, half), nn.ReLU()
        )
        self.gru = nn.GRU(shape + half, memory, batch_first=True) if memory else None
        self.head = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(shape + half + memory, hidden), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(hidden, classes),
        )  # fmt: skip

    def embed(self, seen_RLCT: Tensor, heard_RLF: Tensor) -> Tensor:
        """What the beat looks like, on average and at most over its places, and how it comes, `(R, L, E)`."""
        map_BCP = self.blocks(self.stem(seen_RLCT.flatten(0, 1)))
        shape_BS = self.squeeze(torch.cat([map_BCP.mean(2), map_BCP.amax(2)], dim=1))
        return torch.cat([shape_BS.unflatten(0, seen_RLCT.shape[:2]), self.rhythm(heard_RLF)], dim=2)

    def remember(self, known_RLE: Tensor) -> Tensor:
        """Beside each beat what the GRU knows after the next one `(R, L, E + memory)`; the last has none."""
        if self.gru is None:
            return known_RLE
        state_RLE, _ = self.gru(known_RLE)
        return torch.cat([known_RLE, torch.cat([state_RLE[:, 1:], state_RLE[:, -1:]], 1)], dim=2)


@torch.no_grad()
def probabilities(model: nn.Module, *inputs: Tensor, record_B: Tensor | None = None) -> Tensor:
    """What `model` makes of beats in any precision, `(B, classes)`; `inputs` are aligned along dim 0.

    `BeatNet` takes the beats as they follow one another: those of a recording stand together, and `record_B` says which
    are of one; without it all are.
    """
    if isinstance(model, BeatNet):
        n = [len(inputs[0])] if record_B is None else record_B.unique_consecutive(return_counts=True)[1].tolist()
        parts = zip(*(t.split(n) for t in inputs), strict=True)
        return torch.cat([model.answers(*(t.float() for t in part)) for part in parts])
    parts = zip(*(t.split(PART) for t in inputs), strict=True)
    return torch.cat([model(*(t.float() for t in part)).softmax(1) for part in parts])


class Residual(nn.Module):
    """Two convolutions of five places with batch norm, the first at half the rate, added to a plain projection.

    From `(B, inputs, P)` to `(B, outputs, ⌈P / 2⌉)`.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, outputs, 5, stride=2, padding=2, bias=False)
        self.second = nn.Conv1d(outputs, outputs, 5, padding=2, bias=False)
        self.norm_first, self.norm_second = nn.BatchNorm1d(outputs), nn.BatchNorm1d(outputs)
        self.shortcut = nn.Conv1d(inputs, outputs, 1, stride=2)

    def forward(self, x_BCP: Tensor) -> Tensor:
        inner_BCP = torch.relu(self.norm_first(self.first(x_BCP)))
        return torch.relu(self.norm_second(self.second(inner_BCP)) + self.shortcut(x_BCP))
