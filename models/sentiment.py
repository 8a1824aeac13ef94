"""A review read word by word: Word2Vec, a recurrent net over it, its states pooled, and one number: praise or not."""

from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models._checkpoint import load_cached
from models.words import WordVectors

Cell = Literal["rnn", "lstm", "gru"]
Pooling = Literal["max", "mean", "attention", "last"]
PREFIXES_TOGETHER = 64
CELLS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Sentiment(nn.Module):
    """Takes ids `id_BT` and lengths `length_B` (see `signals.text`), gives logits of praise `(B,)`.

    A word's vector is that of the checkpoint `words`, shared by all nets and frozen, plus a correction of rank `rank`
    that this net learnt (as Hu et al. 2022 tune a matrix): so 25,000 words cost a net 0.8 MB, not 6.4. `hidden` numbers
    are what a direction knows; `pooling` makes one state of all: the largest of each number, their mean, a mean by
    learnt attention, or the last. Whole channels of the vectors drop out (`spatial_dropout`, Tompson et al. 2015).
    CheckpointMissing where there are no words.
    """

    vector_ID: Tensor

    def __init__(
        self,
        *,
        cell: Cell,
        bidirectional: bool = False,
        hidden: int = 128,
        rank: int = 16,
        pooling: Pooling = "attention",
        spatial_dropout: float = 0.4,
        dropout: float = 0.4,
        words: str = "word2vec",
    ) -> None:
        super().__init__()
        self.cell, self.bidirectional, self.hidden, self.rank, self.pooling = cell, bidirectional, hidden, rank, pooling
        self.spatial_dropout, self.dropout, self.words = spatial_dropout, dropout, words
        known = load_cached(WordVectors, words).model
        self.register_buffer("vector_ID", known.vector_ID, persistent=False)
        self.vocabulary = known.vocabulary
        self.own_IR = nn.Parameter(torch.zeros(len(self.vector_ID), rank))
        self.own_RD = nn.Parameter(torch.randn(rank, known.dimensions) / rank**0.5)
        self.forwards: nn.RNNBase = CELLS[cell](known.dimensions, hidden, batch_first=True)
        self.backwards: nn.RNNBase | None = (
            CELLS[cell](known.dimensions, hidden, batch_first=True) if bidirectional else None
        )
        width = 2 * hidden if bidirectional else hidden
        self.attention = nn.Linear(width, 1) if pooling == "attention" else None
        self.head = nn.Linear(width, 1)
        for net in (self.forwards, self.backwards):
            if net is not None:
                _initialise(net)

    def forward(self, id_BT: Tensor, length_B: Tensor) -> Tensor:
        return self.read(self.embed(id_BT), length_B)

    def embed(self, id_BT: Tensor) -> Tensor:
        """The vector of each word, `(B, T, D)`."""
        id_BT = id_BT.int()
        x_BTD = F.embedding(id_BT, self.vector_ID) + F.embedding(id_BT, self.own_IR) @ self.own_RD
        return F.dropout1d(x_BTD.mT, self.spatial_dropout, self.training).mT

    def read(self, x_BTD: Tensor, length_B: Tensor) -> Tensor:
        """Logits `(B,)` from vectors: what an explanation differentiates."""
        return self.answer(self.states(x_BTD, length_B), length_B)

    def states(self, x_BTD: Tensor, length_B: Tensor) -> Tensor:
        """What is known after each word, and from the other end before it where there are two directions, `(B, T, H)`.

        As with packed sequences: what stands behind a text's end reaches none of its states. (A packed sequence would
        be sliced at each word, which takes ten times as long to differentiate.)
        """
        state_BTH, _ = self.forwards(x_BTD)
        if self.backwards is None:
            return state_BTH
        turn_BT1 = _turned(length_B, x_BTD.shape[1]).unsqueeze(2)
        back_BTH, _ = self.backwards(x_BTD.gather(1, turn_BT1.expand_as(x_BTD)))
        return torch.cat([state_BTH, back_BTH.gather(1, turn_BT1.expand_as(back_BTH))], dim=2)

    def answer(self, state_BTH: Tensor, length_B: Tensor) -> Tensor:
        """Logits `(B,)` from the states of the first `length_B` words."""
        return self.head(F.dropout(self.pooled(state_BTH, length_B), self.dropout, self.training)).squeeze(1)

    def pooled(self, state_BTH: Tensor, length_B: Tensor) -> Tensor:
        """One state of all, `(B, H)`; a text without words has zeros."""
        outside_BT1 = (torch.arange(state_BTH.shape[1]) >= length_B.unsqueeze(1)).unsqueeze(2)
        n_B1 = length_B.clamp(min=1).unsqueeze(1)
        if self.attention is not None:
            weight_BT1 = self.attention(state_BTH).masked_fill(outside_BT1, -1e4).softmax(1)
            return (weight_BT1 * state_BTH).sum(1)
        if self.pooling == "max":
            return state_BTH.masked_fill(outside_BT1, -1e4).amax(1)
        if self.pooling == "mean":
            return state_BTH.masked_fill(outside_BT1, 0).sum(1) / n_B1
        return self._last(state_BTH, n_B1)

    @torch.no_grad()
    def prefix_states(self, id_T: Tensor) -> Tensor:
        """The pooled state of one text as it stood after every word, `(T, H)`; `head` of it is the answer till then.

        One pass, but for two directions: there each new word is news to the other direction, which reads T prefixes,
        T / 2 times the work.
        """
        if not len(id_T):
            return torch.zeros(0, self.head.in_features)
        if self.backwards is not None:
            return torch.cat([self.prefix_states_of(id_T, n_B) for n_B in prefix_lengths(len(id_T))])
        return self._pooled_so_far(self.forwards(self.embed(id_T.unsqueeze(0)))[0][0])

    @torch.no_grad()
    def prefix_states_of(self, id_T: Tensor, n_B: Tensor) -> Tensor:
        """The pooled states of a text's first `n_B` words, `(B, H)`, in two directions: one of them reads but once."""
        assert self.backwards is not None
        x_1TD = self.embed(id_T[: int(n_B[-1])].unsqueeze(0))
        turn_BT = _turned(n_B, x_1TD.shape[1])
        back_BTH = self.backwards(x_1TD[0, turn_BT])[0].gather(1, turn_BT.unsqueeze(2).expand(-1, -1, self.hidden))
        state_BTH = torch.cat([self.forwards(x_1TD)[0].expand_as(back_BTH), back_BTH], dim=2)
        return self.pooled(state_BTH, n_B)

    def _pooled_so_far(self, state_TH: Tensor) -> Tensor:
        """What `pooled` makes of the first word, of the first two, and so on."""
        if self.attention is not None:
            score_T1 = self.attention(state_TH).double()
            weight_T1 = (score_T1 - score_T1.amax()).exp()
            return ((weight_T1 * state_TH).cumsum(0) / weight_T1.cumsum(0).clamp(min=1e-300)).float()
        if self.pooling == "max":
            return state_TH.cummax(0).values
        if self.pooling == "mean":
            return state_TH.cumsum(0) / torch.arange(1, len(state_TH) + 1).unsqueeze(1)
        return state_TH

    def _last(self, state_BTH: Tensor, n_B1: Tensor) -> Tensor:
        """Where each direction has read everything: the last word of one, the first of the other."""
        last_BH = state_BTH.gather(1, (n_B1 - 1).unsqueeze(2).expand(-1, 1, state_BTH.shape[2])).squeeze(1)
        if self.backwards is None:
            return last_BH
        return torch.cat([last_BH[:, : self.hidden], state_BTH[:, 0, self.hidden :]], dim=1)


def prefix_lengths(length: int) -> tuple[Tensor, ...]:
    """1 to `length`, in parts `(B,)`: as many at a time as are read together."""
    return torch.arange(1, length + 1).split(PREFIXES_TOGETHER)


def _initialise(net: nn.RNNBase) -> None:
    """Orthogonal from state to state (Saxe et al. 2014), Glorot from the input; an LSTM forgets little at first."""
    for name, p in net.named_parameters():
        if "weight_hh" in name:
            for block in p.data.split(net.hidden_size):
                nn.init.orthogonal_(block)
        elif "weight_ih" in name:
            nn.init.xavier_uniform_(p)
        else:
            nn.init.zeros_(p)
    if isinstance(net, nn.LSTM):
        bias_G = net.get_parameter("bias_hh_l0").data
        bias_G[net.hidden_size : 2 * net.hidden_size] = 1.0  # the forget gate (Jozefowicz et al. 2015)


def _turned(length_B: Tensor, width: int) -> Tensor:
    """Where each word stands in its text read backwards `(B, T)`; padding stays behind it."""
    place_BT = torch.arange(width).expand(len(length_B), width)
    return torch.where(place_BT < length_B.unsqueeze(1), length_B.unsqueeze(1) - 1 - place_BT, place_BT)
