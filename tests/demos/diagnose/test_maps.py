"""Diagnose's maps: every method, the checks on a net whose eyes are known, and the same net in fewer bits."""

from typing import Any

import pytest
import torch
from torch import nn

from demos._ui.nets import Net
from demos.diagnose import maps, nets
from demos.diagnose.maps import GRADCAM, METHODS
from demos.diagnose.nets import Reading
from demos.diagnose.subjects import CELLS, Truth


class Middle(nn.Module):
    """Class 1 is how dark the middle is."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dark = 8 * (1 - x[:, :, 9:18, 9:18].mean((1, 2, 3)))
        return torch.stack([torch.full_like(dark, 4.0), dark], 1)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_map(method: str, net: Net[Any], reading: Reading) -> None:
    heat_HW = maps.heatmap(net.model, reading.unit, 1, nets.layers(net)[-1], method)
    assert heat_HW.shape == (27, 27) and heat_HW.min() >= 0 and torch.isfinite(heat_HW).all()
    found = maps.check_map(net, reading, heat_HW, 1)
    assert min(found.before, found.after, found.random) >= 0 and max(found.before, found.after, found.random) <= 1
    assert found.before == pytest.approx(reading.p_C[1].item()) and found.inside is None and found.area is None


def test_another_layer_is_another_map(net: Net[Any], reading: Reading) -> None:
    early, late = (
        maps.heatmap(net.model, reading.unit, 0, layer, GRADCAM)
        for layer in (nets.layers(net)[0], nets.layers(net)[-1])
    )
    assert not torch.allclose(early, late)


def test_a_map_that_knows_the_place_holds_and_one_that_does_not_fails() -> None:
    net = Net(CELLS.recipe, Middle(), {"temperature": torch.tensor(1.0)}, "middle")
    x = torch.full((3, 27, 27), 255, dtype=torch.uint8)
    x[:, 9:18, 9:18] = 0
    reading = Reading(CELLS.name, x, torch.tensor([0.0, 1.0]), 0.0, 1.0, Truth(1, x[0] == 0))
    middle = (x[0] == 0).float()
    good = maps.check_map(net, reading, middle, 1)
    assert good.holds and good.inside == 1 and good.area == pytest.approx(1 / 9)
    edge = torch.zeros(27, 27)
    edge[:8] = 1
    assert not maps.check_map(net, reading, edge, 1).holds
    silent = maps.check_map(net, reading, torch.zeros(27, 27), 1)
    assert silent.silent and not silent.holds
    found = maps.areas(net, reading, middle, 1)
    assert found["deletion"][0] < found["deletion"][1] and found["insertion"][0] > found["insertion"][1]


def test_the_weights_go_stage_by_stage_in_a_copy(net: Net[Any], reading: Reading) -> None:
    before = [p.clone() for p in net.model.parameters()]
    stages = list(maps.cascading_randomization(net, reading, 0, nets.layers(net)[-1], GRADCAM))
    assert [name for name, *_ in stages] == ["the answer", "layer 4", "layer 3", "layer 2", "layer 1"]
    assert all(heat_HW.shape == (27, 27) and -1 <= alike <= 1 for _, heat_HW, alike in stages)
    assert all(torch.equal(a, b) for a, b in zip(before, net.model.parameters(), strict=True)), "only a copy forgets"


def test_fewer_bits_read_nearly_alike(net: Net[Any], reading: Reading) -> None:
    whole, *rounded = maps.forms(net, reading, 0, nets.layers(net)[-1])
    assert [form.kind for form in (whole, *rounded)] == ["float32", "dynamic int8", "static int8"]
    assert torch.equal(whole.p_C, reading.p_C)
    assert all(0 < (form.p_C - whole.p_C).abs().max() < 0.02 for form in rounded)
    assert all(form.heat_HW.shape == (27, 27) for form in rounded)
