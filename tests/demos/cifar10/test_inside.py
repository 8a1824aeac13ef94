"""Inside: first weights, how far each layer sees, its strongest maps, and heat that is checked."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from demos._ui.small_pictures import Picture, example
from demos.cifar10 import inside, nets
from demos.cifar10.nets import CNN
from explanation.projection import layer_outputs
from explanation.receptive_field import effective_field
from models.whitened import WhitenedCNN
from signals.image import to_unit


def random_net() -> WhitenedCNN:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = WhitenedCNN(channels=(24, 32, 32))
        for module in net.modules():
            if isinstance(module, torch.nn.Conv2d):
                module.reset_parameters()  # they would begin as the identity
        net.meet(torch.rand(30, 3, 32, 32))
    return net.eval()


def reached(net: WhitenedCNN, layer: str) -> Tensor:
    """The first and the last row that move the middle place, over some noise: `(2,)`."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        gradient_HW = effective_field(net, layer, torch.rand(12, 3, 80, 80)).sum(0)
    rows = gradient_HW.sum(1).nonzero()[:, 0]
    return torch.stack([rows.min(), rows.max() + 1])


def test_a_place_sees_as_far_as_is_said() -> None:
    net = random_net()
    found = inside.fields(net)
    assert [field.size for field in found] == [2, 5, 9, 15, 23, 35, 51]
    for layer, field in zip(net.layers(), found, strict=True):
        (y_1CHW,) = layer_outputs(net, torch.rand(1, 3, 80, 80), [layer], summary=lambda y: y)
        low, high = field.span(y_1CHW.shape[2] // 2)
        first, last = reached(net, layer).tolist()
        assert low <= first and last <= high, "nothing beyond moves it"
        assert first - low <= 2 and high - last <= 2, (
            f"and all within can: {layer} {first} to {last} of {low} to {high}"
        )


def test_a_look_shows_the_layer_that_was_asked_for(shelf: Path) -> None:
    for depth, side, channels in ((1, 31, 24), (3, 15, 12), (7, 3, 16)):
        look = inside.look(example("a cat"), depth, None)
        assert (look.depth, look.side, look.channels) == (depth, side, channels)
        assert len(look.map_NHW) == min(inside.MAPS, channels) and look.effective_HW.shape == (32, 32)
        varied_N = look.map_NHW.flatten(1).std(1)
        assert (varied_N.diff() <= 1e-6).all(), "those that vary most come first"
    assert inside.look(example("a cat"), 99, None).depth == 7


def test_heat_is_of_the_class_that_was_asked_for(shelf: Path) -> None:
    cat = example("a cat")
    p_C = nets.probabilities(nets.net_of(CNN, None), to_unit(cat.x_3HW)[None])[0]
    for name in ("dog", "its answer"):
        heat = inside.heat(cat, name, None)
        at = nets.data.CLASSES.index(heat.name)
        assert heat.name == ("dog" if name == "dog" else nets.data.CLASSES[int(p_C.argmax())])
        assert heat.before == pytest.approx(p_C[at].item(), abs=1e-4) and heat.heat_HW.shape == (32, 32)


def test_what_is_hot_must_cost_more_than_as_much_elsewhere() -> None:
    hot = torch.eye(32)
    assert inside.Heat(hot, "cat", 0.9, 0.3, 0.6).holds
    assert not inside.Heat(hot, "cat", 0.9, 0.6, 0.6).holds and not inside.Heat(hot, "cat", 0.9, 0.9, 0.5).holds
    assert inside.Heat(0 * hot, "cat", 0.9, 0.3, 0.6).silent and not inside.Heat(0 * hot, "cat", 0.9, 0.3, 0.6).holds


def test_first_weights_are_those_of_the_nets(shelf: Path) -> None:
    found = inside.first_weights(None)
    stem_HD = nets.net_of(nets.PERCEPTRON, None).model.stem.weight
    assert found.template_N3HW is not None and found.templates == len(stem_HD)
    longest = stem_HD.norm(dim=1).argmax()
    assert torch.equal(found.template_N3HW[0].flatten(), stem_HD[longest])
    assert found.patch_N3HW is not None and found.patch_N3HW.shape == (12, 3, 2, 2)
    assert found.filter_N3HW is not None and found.filter_N3HW.shape[1:] == (3, 3, 3) and found.filters == 8


def test_without_nets_there_are_no_weights(checkpoints: Path) -> None:
    assert inside.first_weights(None) == (None, 0, None, None, 0)


def test_a_black_picture_is_looked_at_all_the_same(shelf: Path) -> None:
    black = Picture(torch.zeros(3, 32, 32, dtype=torch.uint8), "", "black")
    assert inside.look(black, 5, None).map_NHW.isfinite().all()
    assert torch.tensor(inside.heat(black, "cat", None).after).isfinite()
