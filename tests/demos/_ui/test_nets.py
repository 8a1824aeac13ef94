"""The net that answers: the visitor's own where it is of the same recipe, the shipped one where not."""

from dataclasses import replace
from pathlib import Path

import pytest

from demos._ui.nets import Net, active
from models import CheckpointMissing
from models.mlp import MLP
from training import Recipe, Run


def trained(recipe: Recipe[MLP]) -> Run[MLP]:
    run = Run(recipe)
    for _ in run:
        pass
    return run


def test_the_shipped_net_and_ones_own(recipe: Recipe[MLP], checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="fit tiny"):
        active(recipe, None)
    run = trained(recipe)
    own = Net.from_run(run)
    card = run.save()
    shipped = active(recipe, None)
    assert shipped.key == card.weights_sha256 and shipped.whose == "the shipped model" and "logits" in shipped.evidence
    assert active(recipe, own) is own and own.whose == "your model" and "logits" in own.evidence
    assert active(replace(recipe, name="tiny"), own) is own
    with pytest.raises(CheckpointMissing, match="fit other"):
        active(replace(recipe, name="other"), own)


def test_two_nets_never_share_a_key(recipe: Recipe[MLP]) -> None:
    run = trained(recipe)
    assert Net.from_run(run).key != Net.from_run(run).key
    assert Net.from_run(run, {"mine": next(run.best_model().parameters()).detach()}).evidence.keys() == {"mine"}
