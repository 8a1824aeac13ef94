"""Boosted trees (Friedman 2001) as tensors: they ship as weights do, and answer without the library that grew them.

Suffixes: B samples, D measures, T trees, N nodes of a tree, C classes.
"""

from typing import Any

import torch
from torch import Tensor, nn

LEAVES = 15
NODES = 2 * LEAVES - 1
"""A tree of two branches at every fork has one fork less than leaves."""


class BoostedTrees(nn.Module):
    """`rounds` times one tree for each class; what their leaves say adds up to the logits.

    From measures `(B, D)` to probabilities `(B, classes)`. A new one says that all classes are as likely.
    """

    def __init__(self, *, rounds: int, classes: int) -> None:
        super().__init__()
        self.rounds, self.classes = rounds, classes
        shape = (rounds * classes, NODES)
        self.measure_TN: Tensor
        self.limit_TN: Tensor
        self.below_TN: Tensor
        self.above_TN: Tensor
        self.leaf_TN: Tensor
        self.prior_C: Tensor
        self.register_buffer("measure_TN", torch.zeros(shape, dtype=torch.int16))
        self.register_buffer("limit_TN", torch.zeros(shape))
        self.register_buffer("below_TN", torch.zeros(shape, dtype=torch.int16))
        self.register_buffer("above_TN", torch.zeros(shape, dtype=torch.int16))
        self.register_buffer("leaf_TN", torch.zeros(shape))
        self.register_buffer("prior_C", torch.zeros(classes))

    def forward(self, measured_BD: Tensor) -> Tensor:
        first_T = NODES * torch.arange(len(self.leaf_TN), device=measured_BD.device)
        measure_M, below_M, above_M = (
            t.flatten().long() for t in (self.measure_TN, self.below_TN, self.above_TN)
        )  # all trees' nodes in one row
        at_BT = first_T.expand(len(measured_BD), -1)
        for _ in range(LEAVES):  # no tree is deeper than it has leaves; a leaf leads to itself
            is_below_BT = measured_BD.gather(1, measure_M[at_BT]) <= self.limit_TN.flatten()[at_BT]
            next_BT = first_T + torch.where(is_below_BT, below_M[at_BT], above_M[at_BT])
            if torch.equal(next_BT, at_BT):
                break
            at_BT = next_BT
        said_BRC = self.leaf_TN.flatten()[at_BT].unflatten(1, (self.rounds, self.classes))
        return (self.prior_C + said_BRC.sum(1)).softmax(1)

    @torch.no_grad()
    def adopt(self, fitted: Any) -> None:
        """The trees of scikit-learn's `HistGradientBoostingClassifier`, of as many rounds, classes and leaves at most.

        They lie in an attribute that the library calls its own: a test holds both to the same answers.
        """
        self.prior_C.copy_(torch.from_numpy(fitted._baseline_prediction).flatten())
        grown = [tree.nodes for trees in fitted._predictors for tree in trees]
        for t, nodes in enumerate(grown):
            n, is_leaf = len(nodes), torch.from_numpy(nodes["is_leaf"].astype(bool))
            itself = torch.arange(n)
            column = lambda name: torch.from_numpy(nodes[name].astype("float64"))  # noqa: B023, E731
            self.measure_TN[t, :n] = column("feature_idx").masked_fill(is_leaf, 0).short()
            self.limit_TN[t, :n] = column("num_threshold").float()
            self.below_TN[t, :n] = column("left").long().where(~is_leaf, itself).short()
            self.above_TN[t, :n] = column("right").long().where(~is_leaf, itself).short()
            self.leaf_TN[t, :n] = column("value").float().where(is_leaf, torch.zeros(()))
