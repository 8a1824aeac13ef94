"""What the recipes for super-resolution share: crops that stay one scene, measures, evidence, a start from SRCNN."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from models import CheckpointMissing, _checkpoint
from models.super_resolution import SRCNN, luma_fidelity
from signals.luma import broadcast_luma, doubled, resized, to_ycc
from tests.layouts.photographs import scene
from training import Arrays, Run, Splits, _steps, find
from training._augment import mirror
from training._perceptual import PERCEPTUAL, distances
from training.data import bsds500, imagenet, pictures
from training.data._root import root
from training.tasks.super_resolution import (
    crops,
    evaluate,
    evidence,
    intervals,
    measure_each,
    step,
    upscale,
)


def coded() -> Arrays:
    """Small tiles in which no two pixels are alike, and sharp ones that show each of them as a square of four."""
    place = torch.arange(12 * 12).view(12, 12)
    small_B3hw = torch.stack([place, place.flip(0), place.T]).byte().repeat(4, 1, 1, 1)
    return small_B3hw.repeat_interleave(2, 2).repeat_interleave(2, 3), small_B3hw


def test_crops_stay_the_same_scene() -> None:
    seen = set()
    for seed in range(40):
        sharp_B3HW, small_B3hw = crops(coded(), 5, torch.Generator().manual_seed(seed))
        assert sharp_B3HW.shape == (4, 3, 10, 10) and small_B3hw.shape == (4, 3, 5, 5)
        assert torch.equal(sharp_B3HW[..., ::2, ::2], small_B3hw)
        assert torch.equal(sharp_B3HW[..., 1::2, 1::2], small_B3hw)
        steps = small_B3hw[0, 0, 1, 0] - small_B3hw[0, 0, 0, 0], small_B3hw[0, 0, 0, 1] - small_B3hw[0, 0, 0, 0]
        seen.add(tuple(round(step.item() * 255) for step in steps))
    assert len(seen) == 8, "every mirror and turn"


def test_crops_reach_every_edge() -> None:
    found = (crops(coded(), 11, torch.Generator().manual_seed(seed))[1] for seed in range(40))
    assert {round(small_B3hw[0, 0].min().item() * 255) for small_B3hw in found} == {0, 1, 12, 13}


@pytest.mark.parametrize("ways", list(product((False, True), repeat=3)))
def test_a_real_tile_halved_is_its_small_one(ways: tuple[bool, bool, bool]) -> None:
    sharp_B3HW, small_B3hw = (x / 255 for x in pictures.tiles([scene(64, 64, seed=3)], side=64, smaller=(1.0,)))
    sharp_B3HW, small_B3hw = (
        mirror(x, *map(torch.tensor, ways)) for x in (sharp_B3HW[..., 8:56, 8:56], small_B3hw[..., 4:28, 4:28])
    )
    difference = (resized(sharp_B3HW, (24, 24)) - small_B3hw).abs()[..., 3:-3, 3:-3]
    assert difference.max() < 2 / 255
    shifted = (resized(sharp_B3HW, (24, 24)) - small_B3hw.roll(1, 3)).abs()[..., 3:-3, 3:-3]
    assert shifted.max() > 10 / 255, "and one pixel beside it is not"


def test_scores_on_closed_forms() -> None:
    grey = torch.full((3, 30, 30), 100, dtype=torch.uint8)
    other = torch.full((3, 30, 30), 107, dtype=torch.uint8)
    levels = (broadcast_luma(other[None]).int() - broadcast_luma(grey[None]).int()).float().mean().item()
    assert luma_fidelity(grey, other)["psnr_db"] == pytest.approx(20 * np.log10(255 / levels))
    assert luma_fidelity(grey, grey)["ssim"] == pytest.approx(1)
    edge = grey.clone()
    edge[:, :2], edge[:, -2:], edge[:, :, :2], edge[:, :, -2:] = 0, 0, 0, 0
    assert luma_fidelity(grey, edge)["psnr_db"] == np.inf, "the outermost two pixels are not measured"


def split() -> Arrays:
    """Five pictures of three sizes in two sets."""
    first = [scene(48, 40, seed=1), scene(40, 52, seed=2), scene(44, 44, seed=3)]
    return pictures.whole([first, [scene(48, 40, seed=4), scene(40, 40, seed=5)]])


def test_measures_of_each_picture_alone() -> None:
    sharp_B3HW, small_B3hw, _, _ = split()
    found = measure_each(doubled, split())
    alone = luma_fidelity(sharp_B3HW[1, :, :52, :40], upscale(doubled, small_B3hw[1, :, :26, :20]))
    assert found["psnr_db"][1].item() == alone["psnr_db"] and found["ssim"][1].item() == alone["ssim"]
    assert (found["psnr_db"] > 20).all() and found["psnr_db"].dtype == torch.float64


def test_means_and_intervals_of_every_set() -> None:
    psnr_B = measure_each(doubled, split())["psnr_db"]
    sets = ("here", "there", "nowhere")
    metrics = evaluate(doubled, split(), sets=sets)
    assert metrics["psnr_db"] == pytest.approx(psnr_B.mean().item())
    assert metrics["psnr_db_here"] == pytest.approx(psnr_B[:3].mean().item())
    assert metrics["psnr_db_there"] == pytest.approx(psnr_B[3:].mean().item())
    keys = {f"{measure}{end}" for measure in ("psnr_db", "ssim") for end in ("", "_here", "_there")}
    assert set(metrics) == keys, "a set that is not here is left out"
    alone = tuple(t[:3] for t in split())
    assert set(evaluate(doubled, alone, sets=sets)) == {"psnr_db", "ssim"}, "one set needs no name"
    spans = intervals(doubled, split(), sets=sets)
    assert set(spans) == keys and spans["psnr_db"].n == 5 and spans["psnr_db_there"].n == 2
    assert all(spans[key].low <= metrics[key] <= spans[key].high for key in metrics)


def test_evidence_is_figures_only() -> None:
    net = SRCNN(channels=(4, 4)).eval()
    found = evidence(net, Splits((), (), split()))
    assert {"bicubic_psnr_db", "bicubic_ssim", "psnr_db", "ssim", "set"} == set(found)
    assert all(values_B.shape == (5,) for values_B in found.values()) and found["set"].tolist() == [0, 0, 0, 1, 1]
    assert torch.allclose(found["bicubic_psnr_db"].double(), measure_each(doubled, split())["psnr_db"], atol=1e-4)


@pytest.mark.parametrize("is_residual", [False, True])
def test_in_bfloat16_only_what_is_added_to_bicubic(is_residual: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A net that adds a third: in bfloat16 that third has three digits, and the whole picture may not."""
    monkeypatch.setattr(_steps, "bfloat16_is_fast", lambda _: True)
    seen: list[Tensor] = []

    class Third(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = nn.Linear(1, 1)
            nn.init.zeros_(self.line.weight)
            nn.init.constant_(self.line.bias, 1 / 3)

        def forward(self, y_B1hw: Tensor) -> Tensor:
            return doubled(y_B1hw) + self.line(y_B1hw.new_zeros(1))

    def loss(y_B1HW: Tensor, truth_B1HW: Tensor, _: Tensor) -> dict[str, Tensor]:
        seen.append(y_B1HW.detach())
        return {"loss": (y_B1HW - truth_B1HW).abs().mean()}

    net, draw = Third(), torch.Generator().manual_seed(0)
    step(
        net,
        coded(),
        {"model": torch.optim.SGD(net.parameters(), lr=0)},
        draw,
        side=6,
        loss=loss,
        is_residual=is_residual,
    )
    small_B3hw = crops(coded(), 6, torch.Generator().manual_seed(0))[1]
    added = seen[0] - doubled(to_ycc(small_B3hw)[:, :1])
    assert seen[0].dtype == torch.float32
    assert added.sub(1 / 3).abs().max().item() < (2e-3 if is_residual else 1e-6)
    assert is_residual == (added.sub(1 / 3).abs().min().item() > 1e-5)


def test_the_perceptual_distance_of_a_split(small_root: Path) -> None:
    sharp_B3HW, _, _, _ = split()
    found = distances(doubled, split())
    assert found.shape == (5,) and (found > 0).all()
    assert imagenet.perceptual().distance(sharp_B3HW[0], sharp_B3HW[0]) == 0


def test_it_trains_on_from_srcnn(small_root: Path, checkpoints: Path) -> None:
    after = find("srcnn_perceptual")
    with pytest.raises(CheckpointMissing, match="python -m training fit srcnn"):
        Run(after)
    before = find("srcnn")
    short = replace(before, budget=replace(before.budget, steps=1, batch_size=4, eval_every=1))
    card = Run(short).save()
    assert (
        card.metrics.keys() >= {"psnr_db", "psnr_db_set5", "ssim_set14"}
        and card.intervals.keys() == card.metrics.keys()
    )
    start = _checkpoint.load(SRCNN, "srcnn").model.state_dict()
    run = Run(replace(after, budget=replace(after.budget, steps=1, batch_size=4)))
    assert all(torch.equal(run.model.state_dict()[name], t) for name, t in start.items())
    (progress,) = run
    assert progress.losses.keys() == {"loss", "square", "seen"} and PERCEPTUAL.key in (progress.valid or {})
    assert not any(torch.equal(run.model.state_dict()[name], t) for name, t in start.items())


ANCHORS = {"set5": (33.64, 0.9292), "set14": (30.31, 0.8690), "bsds500": (29.39, 0.8524)}


@pytest.mark.data
@pytest.mark.parametrize("name", bsds500.SETS)
def test_bicubic_on_the_real_pictures(name: str) -> None:
    paths = bsds500.pictures_of(name)
    if not paths:
        pytest.skip(f"{name} is not below WAVELENS_DATA ({root()})")
    found = measure_each(doubled, pictures.whole([pictures.opened(paths)]))
    psnr_db, ssim = ANCHORS[name]
    assert found["psnr_db"].mean().item() == pytest.approx(psnr_db, abs=0.02)
    assert found["ssim"].mean().item() == pytest.approx(ssim, abs=0.0005)


def test_restored_is_eight_bits_of_bicubic() -> None:
    picture = scene(30, 20, seed=9)
    small_3hw: Tensor = torch.from_numpy(np.array(picture)).permute(2, 0, 1)
    theirs = np.asarray(picture.resize((60, 40), Image.Resampling.BICUBIC)).astype(int)
    mine = upscale(doubled, small_3hw).permute(1, 2, 0).numpy().astype(int)
    assert np.abs(mine - theirs).max() <= 2
