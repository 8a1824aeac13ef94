"""What the nets say of volumes: the shipped one on its examples, rubbed, turned and scaled, and what is refused."""

import pytest
import torch

from demos.volumes import nets, shapes
from demos.volumes.nets import SICK
from demos.volumes.shapes import EDGE, EXAMPLES, FIRST, Volume
from explanation.novelty import KnnNovelty


def cube(side: int = 20) -> Volume:
    x_DHW = torch.zeros(EDGE, EDGE, EDGE, dtype=torch.uint8)
    x_DHW[20 : 20 + side, 20 : 20 + side, 20 : 20 + side] = 255
    return Volume("a cube", x_DHW, "cube")


def test_the_examples_are_what_they_say() -> None:
    net = nets.net_of(None)
    kinds = set()
    for key, (_, number) in EXAMPLES.items():
        reading = nets.read(net, shapes.example(key))
        assert reading.is_stranger == (number is None), key
        kinds.add(reading.volume.truth)
    assert kinds == {0, 1, None}
    with pytest.raises(ValueError, match="one of those in the row"):
        shapes.example("kidney")


def test_a_diseased_example_ranks_above_most_healthy_glands() -> None:
    net = nets.net_of(None)
    above = [nets.read(net, shapes.example(key)).above.healthy for key in EXAMPLES if shapes.example(key).truth == SICK]
    assert max(above) > 0.95
    assert nets.ranked(net, -1.0) == (0, 0) and nets.ranked(net, 2.0) == (1, 1)


def test_few_test_glands_are_strangers() -> None:
    net = nets.net_of(None)
    threshold = KnnNovelty.kept(net.evidence, net.model.layers()).threshold
    assert (net.evidence["test_novelty"] > threshold).double().mean() <= 0.05


def test_a_gland_turned_is_asked_in_each_of_its_lies() -> None:
    net, shown = nets.net_of(None), cube()
    p_N = nets.turned(net, shown)
    assert len(p_N) == 24 and p_N[0] == pytest.approx(nets.read(net, shown).p, abs=1e-5)


def test_a_gland_is_asked_in_each_size() -> None:
    net, shown = nets.net_of(None), shapes.example(FIRST)
    points = nets.by_size(net, shown)
    millilitres = [ml for ml, _ in points]
    assert len(points) == len(nets.FACTORS) and millilitres == sorted(millilitres)
    assert millilitres[nets.FACTORS.index(1.0)] == pytest.approx(shown.millilitres, rel=0.01)
    assert millilitres[0] == pytest.approx(0.6**3 * shown.millilitres, rel=0.02)


@pytest.mark.parametrize("method", nets.METHODS)
def test_a_map_is_as_large_as_the_volume_and_never_negative(method: str) -> None:
    shown = shapes.example(FIRST)
    heat_DHW = nets.heat(nets.net_of(None), shown, SICK, method)
    assert heat_DHW.shape == (EDGE, EDGE, EDGE) and heat_DHW.min() >= 0 and heat_DHW.isfinite().all()


def test_biting_where_it_matters_is_told_from_biting_elsewhere() -> None:
    """A net that counts voxels at one end only: its own map must hold, one of the other end must not."""
    net, shown = nets.net_of(None), shapes.example(FIRST)
    heat_DHW = nets.heat(net, shown, SICK, nets.GRADCAM)
    found = nets.check(net, shown, heat_DHW, SICK)
    assert found.before == pytest.approx(nets.read(net, shown).p, abs=1e-5)
    assert 0 <= found.after <= 1 and 0 <= found.elsewhere <= 1 and found.share == nets.SHARE
    same = nets.check(net, shown, torch.ones_like(heat_DHW) * heat_DHW.max(), SICK)
    assert same.before == found.before


def test_size_and_lie_over_the_test_set_are_kept() -> None:
    found = nets.sizes()
    assert found.n == 298 and 0.5 < found.volume_alone < found.as_it_is < 1
    assert 0.5 < found.same_size < 1 and 0.5 < found.rotated < 1


def test_each_net_sees_what_it_says() -> None:
    shown = shapes.example(FIRST)
    pictures = [nets.seen(name, shown) for name in nets.RECIPES]
    assert [len(x_VHW) for x_VHW in pictures] == [1, 3, 12]
    stops = nets.stops(None, shown)
    assert [stop.name for stop in stops] == list(nets.RECIPES) and all(stop.auc and stop.interval for stop in stops)
    assert stops[-1].p == pytest.approx(nets.read(nets.net_of(None), shown).p, abs=1e-5)


def test_the_shape_regression_stands_beside_the_net() -> None:
    peer, beyond = nets.shape_peer(), nets.beyond_shape()
    assert peer and beyond and 0.5 < peer[1] < 1
    ours = nets.stops(None, None)[-1].auc
    assert ours and float(beyond.split()[0]) == pytest.approx(ours - peer[1], abs=0.002)
