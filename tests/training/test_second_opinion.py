"""A second opinion comes from others only, stands at its picture's place, and is no part of what ships."""

from pathlib import Path

import pytest
import torch
from torch import nn

from training import Splits, _second_opinion
from training._second_opinion import BLOCKS, ask, features, indexed, opinions
from training.tasks.classification import step


def patients(n: int = 10) -> tuple[torch.Tensor, ...]:
    """Twelve samples each of `n` patients, of three classes that a feature tells: `(x, label, unit, weight)`."""
    label_B, unit_B = torch.arange(12 * n) % 3, torch.arange(n).repeat_interleave(12)
    x_BD = torch.eye(3)[label_B] + 0.1 * torch.randn(12 * n, 3, generator=torch.Generator().manual_seed(0))
    return x_BD, label_B, unit_B, torch.ones(12 * n)


def test_who_has_an_opinion_never_met_the_patient() -> None:
    """Of a patient whose labels are all wrong, others say what is right: his own would have taught them the wrong."""
    x_BD, label_B, unit_B, weight_B = patients()
    wrong_B = unit_B == 4
    spoilt_B = torch.where(wrong_B, (label_B + 1) % 3, label_B)
    x_BD = torch.cat([x_BD, wrong_B[:, None].float()], 1)  # which would give him away to whoever met him
    found_BC = opinions(x_BD, (x_BD, spoilt_B, unit_B, weight_B), 3)
    assert found_BC.shape == (120, 3) and torch.allclose(found_BC.sum(1), torch.ones(120))
    assert (found_BC.argmax(1) == label_B)[wrong_B].all()


def test_a_class_that_nobody_else_has_is_never_named() -> None:
    x_BD, label_B, unit_B, weight_B = patients()
    label_B[unit_B == 0] = 3
    found_BC = opinions(x_BD, (x_BD, label_B, unit_B, weight_B), 5)
    assert found_BC.shape == (120, 5) and (found_BC[unit_B == 0, 3] == 0).all() and (found_BC[:, 4] == 0).all()


def test_it_stands_at_its_pictures_place_and_is_not_saved() -> None:
    arrays = indexed(lambda: Splits(*3 * [patients()]))().train
    assert arrays[4].tolist() == list(range(120))
    order = torch.randperm(120, generator=torch.Generator().manual_seed(1))[:100]
    shuffled, model = tuple(t[order] for t in arrays), nn.Linear(3, 3)
    ask(model, Splits(shuffled, arrays, arrays), feature_ID=arrays[0])
    assert torch.equal(model.get_buffer("opinion_IC")[order], opinions(shuffled[0], shuffled, 3))
    assert "opinion_IC" not in model.state_dict()


def test_features_are_means_after_several_blocks(small_root: Path) -> None:
    x_B3HW = torch.randint(0, 256, (3, 3, 27, 27), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    found = features(x_B3HW)
    widths = [_second_opinion._net(small_root).trunk[i](torch.zeros(1, n, 8, 8)).shape[1] for i, n in CHANNELS.items()]
    assert found.shape == (3, sum(widths)) and list(CHANNELS) == list(BLOCKS) and torch.isfinite(found).all()
    assert torch.allclose(features(x_B3HW[1:2]), found[1:2], rtol=0.05, atol=0.01), "whoever stands beside it"


CHANNELS = {3: 96, 5: 128, 7: 256, 9: 384}
"""What goes into each of the blocks."""


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_opinion_and_label_share_the_say(share: float) -> None:
    """At a net that answers 1/2 and 1/2 the gradient of the logits is weight × (answer − label), or answer − told."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    for p in model.parameters():
        nn.init.zeros_(p)
    model.register_buffer("opinion_IC", torch.tensor([[9.0, 9.0], [0.3, 0.7]]), persistent=False)
    x_B = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    batch = (x_B, torch.tensor([0]), torch.tensor([0]), torch.tensor([2.0]), torch.tensor([1]))
    optimizers: dict[str, torch.optim.Optimizer] = {"model": torch.optim.SGD(model.parameters(), lr=1.0)}
    step(model, batch, optimizers, torch.Generator(), augment=lambda x, _: x, smoothing=0.0, opinion=share)
    expected = (1 - share) * 2 * (0.5 - torch.tensor([1.0, 0.0])) + share * (0.5 - torch.tensor([0.3, 0.7]))
    assert torch.allclose(model[1].bias.detach(), -expected, atol=0.01)  # type: ignore[arg-type]
