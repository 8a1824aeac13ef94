"""What the nets say of volumes: the shipped one on its examples, rubbed, turned and scaled, and what is refused."""

from typing import Any

import pytest
import torch

from demos.volumes import nets
from demos.volumes.nets import EDGE, EXAMPLES, FIRST, OURS, SICK, Volume
from explanation.novelty import KnnNovelty
from signals import volume


def cube(side: int = 20) -> Volume:
    x_DHW = torch.zeros(EDGE, EDGE, EDGE, dtype=torch.uint8)
    x_DHW[20 : 20 + side, 20 : 20 + side, 20 : 20 + side] = 255
    return Volume("a cube", x_DHW, "cube")


def test_the_examples_are_what_they_say() -> None:
    net = nets.net_of(None)
    kinds = set()
    for key, (_, number) in EXAMPLES.items():
        reading = nets.read(net, nets.example(key))
        assert reading.is_stranger == (number is None), key
        kinds.add(reading.volume.truth)
    assert kinds == {0, 1, None}
    with pytest.raises(ValueError, match="one of those in the row"):
        nets.example("kidney")


def test_a_diseased_example_ranks_above_most_healthy_glands() -> None:
    net = nets.net_of(None)
    above = [nets.read(net, nets.example(key)).above.healthy for key in EXAMPLES if nets.example(key).truth == SICK]
    assert max(above) > 0.95
    assert nets.ranked(net, -1.0) == (0, 0) and nets.ranked(net, 2.0) == (1, 1)


def test_few_test_glands_are_strangers() -> None:
    net = nets.net_of(None)
    threshold = KnnNovelty.kept(net.evidence, net.model.layers()).threshold
    assert (net.evidence["test_novelty"] > threshold).double().mean() <= 0.05


def test_balls_are_bitten_off_and_filled_in_one_after_another() -> None:
    given = cube()
    ball = volume.ball((EDGE,) * 3, (30, 30, 20), 4)
    bitten = nets.rubbed(given, [[30, 30, 20, 4, 0]])
    assert torch.equal(bitten.x_DHW > 0, (given.x_DHW > 0) & ~ball)
    back = nets.rubbed(given, [[30, 30, 20, 4, 0], [30, 30, 20, 4, 1]])
    assert torch.equal(back.x_DHW > 0, (given.x_DHW > 0) | ball)
    assert bitten.x_DHW.dtype == torch.uint8 and bitten.x_DHW.max() == 255 and bitten.voxels < given.voxels
    assert nets.rubbed(given, []).voxels == given.voxels == 8000 and given.millilitres == 8.0


@pytest.mark.parametrize(
    ("strokes", "told"),
    [
        ([[32, 32, 32, 16, 0]] * 3 + [[32, 32, 32, 40, 0]], "radius"),
        ([[32, 32, 99, 4, 0]], "inside the cube"),
        ([[32, 32, 32, 4]], "no ball"),
        ([["a", 32, 32, 4, 0]], "no ball"),
        ("everything", "At most 60"),
        ([[32, 32, 32, 4, 0]] * 61, "At most 60"),
        ([[25 + i, 25 + j, 25 + k, 14, 0] for i in (0, 10) for j in (0, 10) for k in (0, 10)], "Nothing is left"),
    ],
)  # fmt: skip
def test_what_is_no_ball_is_refused(strokes: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        nets.rubbed(cube(), strokes)


def test_a_gland_turned_is_asked_in_each_of_its_lies() -> None:
    net, shown = nets.net_of(None), cube()
    p_N = nets.turned(net, shown)
    assert len(p_N) == 24 and p_N[0] == pytest.approx(nets.read(net, shown).p, abs=1e-5)


def test_a_gland_is_asked_in_each_size() -> None:
    net, shown = nets.net_of(None), nets.example(FIRST)
    points = nets.by_size(net, shown)
    millilitres = [ml for ml, _ in points]
    assert len(points) == len(nets.FACTORS) and millilitres == sorted(millilitres)
    assert millilitres[nets.FACTORS.index(1.0)] == pytest.approx(shown.millilitres, rel=0.01)
    assert millilitres[0] == pytest.approx(0.6**3 * shown.millilitres, rel=0.02)


@pytest.mark.parametrize("method", nets.METHODS)
def test_a_map_is_as_large_as_the_volume_and_never_negative(method: str) -> None:
    shown = nets.example(FIRST)
    heat_DHW = nets.heat(nets.net_of(None), shown, SICK, method)
    assert heat_DHW.shape == (EDGE, EDGE, EDGE) and heat_DHW.min() >= 0 and heat_DHW.isfinite().all()


def test_biting_where_it_matters_is_told_from_biting_elsewhere() -> None:
    """A net that counts voxels at one end only: its own map must hold, one of the other end must not."""
    net, shown = nets.net_of(None), nets.example(FIRST)
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
    shown = nets.example(FIRST)
    pictures = [nets.seen(name, shown) for name in nets.RECIPES]
    assert [len(x_VHW) for x_VHW in pictures] == [1, 3, 12]
    stops = nets.stops(None, shown)
    assert [stop.name for stop in stops] == list(nets.RECIPES) and all(stop.auc and stop.interval for stop in stops)
    assert stops[-1].p == pytest.approx(nets.read(nets.net_of(None), shown).p, abs=1e-5)


def test_a_random_test_gland_comes_with_its_truth() -> None:
    shown = nets.random_test_gland()
    assert shown.x_DHW.shape == (EDGE,) * 3 and shown.truth in (0, 1) and "test gland" in shown.words
    assert OURS.name == "adrenal_3d"
