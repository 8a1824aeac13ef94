"""What the recipes for scans share: measures on closed forms, source and target kept together, intervals."""

import pytest
import torch
from torch import Tensor, nn

from explanation.novelty import KnnNovelty
from models.dense_unet import DenseUNet
from signals.scan import winsorised
from training import Arrays, Budget, DataMissing, Optimizers, Splits
from training._steps import adamw
from training.data import lgg_mri
from training.tasks.translation import (
    EARLY,
    LOSSES,
    evaluate,
    evidence,
    intervals,
    measure_each,
    seen_anew,
    step,
    taught_step,
    translated,
)


def scans(n: int = 4, side: int = 24) -> Arrays:
    """Smooth sources, targets of the same shapes, a disc for the head, a tumour in every other slice."""
    draw = torch.Generator().manual_seed(0)
    place = torch.arange(side) - (side - 1) / 2
    radius_HW = torch.hypot(place[:, None], place[None])
    phase_B = 6 * torch.rand(n, 1, 1, 1, generator=draw)
    source_B1HW = 127 + 100 * torch.sin(0.2 * place[:, None] + 0.3 * place[None] + phase_B)
    head_B1HW = (radius_HW < 0.35 * side).expand(n, 1, -1, -1).clone()
    tumour_B1HW = (radius_HW < 3).expand(n, 1, -1, -1) & (torch.arange(n) % 2 == 1).view(-1, 1, 1, 1)
    return source_B1HW.byte(), source_B1HW.byte() / 255, head_B1HW, tumour_B1HW, torch.arange(n) // 2


def test_there_is_no_number_where_there_is_no_tumour() -> None:
    source, truth, *rest = scans()
    found = measure_each(lambda x: x + 0.1, (source, truth.clamp(max=0.85), *rest))
    assert found["mae_tumour"].isnan().tolist() == [True, False, True, False]
    metrics = evaluate(lambda x: x, scans())
    assert metrics["mae_tumour"] == 0, "slices without a tumour are left out of its mean"
    assert metrics["mae"] == 0


def test_the_whole_split_in_parts_and_clipped() -> None:
    source = torch.randint(256, (37, 1, 12, 12), dtype=torch.uint8)
    sizes = []

    def double(x_B1HW: Tensor) -> Tensor:
        sizes.append(len(x_B1HW))
        return 2 * x_B1HW

    assert torch.allclose(translated(double, source), (2 * (source / 255)).clamp(0, 1))
    assert sum(sizes) == 37 and max(sizes) <= 16


def test_intervals_draw_patients_and_not_slices() -> None:
    *pictures, patient_B = scans()
    one = intervals(lambda x: x**2, (*pictures, torch.zeros_like(patient_B)))
    assert all(span.n == 1 and span.low == span.high for span in one.values()), "one patient is always drawn whole"
    metrics, found = evaluate(lambda x: x**2, scans()), intervals(lambda x: x**2, scans())
    assert found.keys() == metrics.keys() and all(found[k].low <= metrics[k] <= found[k].high for k in metrics)


def test_evidence_is_figures_and_what_scans_look_like_to_the_net() -> None:
    model = DenseUNet(stem=4, growth=(2, 2), layers=1).eval()
    found = evidence(model, Splits(scans(), scans(), scans()))
    figures = {name: values for name, values in found.items() if not name.startswith("familiar")}
    assert figures.keys() == evaluate(model, scans()).keys() | {"patient"}
    assert all(values_B.shape == (4,) for values_B in figures.values())
    assert KnnNovelty.kept(found, EARLY).distances(model, scans()[0]).isfinite().all()


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    _, truth, _, _, _ = scans()
    by_half = LOSSES[name](0.5 * truth, truth)
    assert LOSSES[name](truth, truth).item() == pytest.approx(0, abs=1e-6) and by_half > 0.01
    if name != "ssim":
        expected = 0.5 * truth if name == "mae" else (0.5 * truth).square()
        assert by_half.item() == pytest.approx(expected.mean().item())


class Line(nn.Module):
    """`a x + b`."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.tensor(0.5)), nn.Parameter(torch.tensor(0.2))

    def forward(self, x_B1HW: Tensor) -> Tensor:
        return self.a * x_B1HW + self.b


def test_source_and_target_are_moved_alike() -> None:
    seen: list[Tensor] = []
    line = Line()
    line.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))

    def loss(y_B1HW: Tensor, truth_B1HW: Tensor) -> Tensor:
        seen.append(truth_B1HW)
        return (y_B1HW - truth_B1HW).square().mean()

    batch = scans(16)
    optimizers = adamw()(line, Budget(steps=1, batch_size=16, lr=0.1))
    losses = step(line, batch, optimizers, torch.Generator().manual_seed(0), loss=loss)
    source, target = (x.flatten(1) for x in seen)
    alike = [torch.corrcoef(torch.stack(pair))[0, 1].item() for pair in zip(source, target, strict=True)]
    assert min(alike) > 0.97, "only the contrast of the source is another"
    assert not torch.allclose(source, target, atol=0.02)
    before = [torch.corrcoef(torch.stack(p))[0, 1].item() for p in zip(target, batch[1].flatten(1), strict=True)]
    assert min(before) < 0.9, "some were mirrored"
    assert losses["loss"].isfinite() and line.a.item() != 0.5


def test_a_taught_net_comes_to_its_teachers_mean_as_far_as_it_trusts_them() -> None:
    """Two constant teachers around .6, a truth that is .2 everywhere: .7 times .6 and .3 times .2."""

    class Constant(nn.Module):
        def __init__(self, value: float) -> None:
            super().__init__()
            self.value = nn.Parameter(torch.tensor(value))

        def forward(self, x_B1HW: Tensor) -> Tensor:
            return self.value.expand_as(x_B1HW)

    asked: list[torch.device] = []

    def teachers(device: torch.device) -> list[nn.Module]:
        asked.append(device)
        return [Constant(0.3), Constant(0.9)]

    net = Constant(0.0)
    source, truth, *rest = scans()
    optimizers: Optimizers = {"model": torch.optim.SGD(net.parameters(), lr=0.5)}
    batch, draw = (source, torch.full_like(truth, 0.2), *rest), torch.Generator().manual_seed(0)
    *_, losses = (taught_step(net, batch, optimizers, draw, teachers=teachers, trust=0.7) for _ in range(12))
    assert net.value.item() == pytest.approx(0.7 * 0.6 + 0.3 * 0.2, abs=5e-3)
    assert losses["distillation"].item() == pytest.approx((0.48 - 0.6) ** 2, abs=5e-3)
    assert losses["loss"].item() == pytest.approx((0.48 - 0.2) ** 2, abs=5e-3) and asked[0] == source.device


def test_seen_anew_within_its_bounds() -> None:
    batch = scans(8)
    still = seen_anew(batch, torch.Generator().manual_seed(0), contrast=0, turn=0, zoom=0, shift=0)
    for found, given in zip(still, (batch[0] / 255, batch[1]), strict=True):
        for one, was in zip(found, given, strict=True):
            mirrored = [torch.allclose(one, way, atol=1e-3) for way in (was, was.flip(2))]
            assert any(mirrored), "nothing but a mirror is left"


@pytest.mark.data
def test_the_identity_on_the_real_scans() -> None:
    try:
        test = lgg_mri.to_flair().test
    except DataMissing as error:
        pytest.skip(str(error))
    metrics = evaluate(winsorised, test)
    assert metrics["psnr_db"] == pytest.approx(19.7, abs=0.05)
    assert metrics["psnr_db_head"] == pytest.approx(16.3, abs=0.1)
