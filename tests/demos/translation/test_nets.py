"""What Scan translation asks of its nets: figures by region, exposure, disagreement, the tumour, and scans."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import pearsonr, spearmanr

from demos._ui.nets import Net, active
from demos.translation import nets
from demos.translation.nets import (
    ABSOLUTE,
    BACK,
    DIRECTIONS,
    EXAMPLES,
    FIRST,
    LOSSES,
    SQUARED,
    STRANGER,
    STRUCTURAL,
    TAUGHT,
    THERE,
    Spread,
)
from models import _checkpoint
from models.dense_unet import DenseUNet
from signals import image
from signals.scan import winsorised
from tests.demos.translation.known import net, oracle, shelve
from training import DataMissing, Run, Splits
from training.data import lgg_mri
from training.recipes import mri_dense_unet_taught


def test_doing_nothing_scores_as_the_input_itself() -> None:
    made = nets.translate(THERE, net(), nets.example(FIRST))
    assert made.truth is not None and torch.equal(made.output_HW, made.baseline_HW)
    found = nets.scores(made.output_HW, made.truth, made.scan.head_HW)
    assert found == nets.scores(made.baseline_HW, made.truth, made.scan.head_HW)
    inside = (made.output_HW - made.truth)[made.scan.head_HW].double()
    assert found["mae_head"] == pytest.approx(inside.abs().mean().item())
    assert found["psnr_db_head"] == pytest.approx(-10 * inside.square().mean().log10().item(), abs=1e-3)


def test_a_perfect_answer_has_no_error() -> None:
    of = nets.example(FIRST)
    made = nets.translate(THERE, oracle(of), of)
    assert made.truth is not None and made.error is not None and made.error.max() == 0
    found = nets.scores(made.output_HW, made.truth, of.head_HW)
    assert found["psnr_db_head"] == found["psnr_db"] == float("inf"), "of a single slice no infinity is left out"
    assert found["mae_head"] == 0 and found["ssim_head"] == pytest.approx(1)


def test_a_gain_is_nothing_until_it_clips() -> None:
    half = (nets.example(FIRST).source["pre_contrast"] // 2).byte()
    twice = nets.with_exposure(half, stops=1, noise_percent=0)
    assert torch.equal(twice, half * 2), "nothing clips: the same picture, twice as bright"
    same = [winsorised(x.float()[None, None] / 255) for x in (half, twice)]
    assert torch.allclose(same[0], same[1], atol=1e-6), "the net is handed the same"
    clipped = nets.with_exposure(half, stops=3, noise_percent=0)
    assert (clipped == 255).sum() > (half == half.max()).sum()
    dark = nets.with_exposure(half, stops=-4, noise_percent=0)
    assert len(dark.unique()) < len(half.unique()) / 8


def test_noise_has_its_deviation_and_its_seed() -> None:
    grey = torch.full((256, 256), 128, dtype=torch.uint8)
    noisy = nets.with_exposure(grey, stops=0, noise_percent=5)
    assert (noisy.double() - 128).std().item() == pytest.approx(0.05 * 255, rel=0.02)
    assert torch.equal(noisy, nets.with_exposure(grey, stops=0, noise_percent=5))
    assert nets.with_exposure(grey, stops=0, noise_percent=0) is grey


def test_the_scan_as_it_was_is_translated_beside_the_changed_one() -> None:
    plain = nets.translate(THERE, net(), nets.example(FIRST))
    assert plain.clean_HW is None
    made = nets.translate(THERE, net(), nets.example(FIRST), noise_percent=15)
    assert made.truth is not None and made.clean_HW is not None and torch.equal(made.clean_HW, plain.output_HW)
    clean, noisy = (
        nets.scores(y, made.truth, made.scan.head_HW)["psnr_db_head"] for y in (made.clean_HW, made.output_HW)
    )
    assert clean > noisy + 1


# Disagreement


def test_disagreement_is_checked_against_the_error() -> None:
    of = nets.example(FIRST)
    made = nets.translate(THERE, net(), of)
    others = [made.net, net(lambda x: x**2), net(lambda x: 1 - x)]
    spread = nets.disagreement(made, others)
    outputs = np.stack([nets.apply(member, made.input_HW).numpy() for member in others])
    assert np.allclose(spread.spread_HW.numpy(), outputs.std(0), atol=1e-6)
    assert made.error is not None
    inside, error = spread.spread_HW[of.head_HW].double().numpy(), made.error[of.head_HW].double().numpy()
    assert spread.pearson == pytest.approx(pearsonr(inside, error)[0])
    assert spread.spearman == pytest.approx(spearmanr(inside, error)[0])
    order = np.argsort(inside, kind="stable")
    assert spread.surest == pytest.approx(error[order[: len(order) // 10]].mean(), rel=0.05)


def test_disagreement_that_knows_the_error_holds_and_that_does_not_fails() -> None:
    of = nets.example(FIRST)
    truth = of.truth["flair"]
    assert of.lesion_HW is not None
    faded_HW = truth * (1 - 0.6 * of.lesion_HW.float())
    wrong = net(lambda x: faded_HW.expand_as(x))
    made = nets.translate(THERE, wrong, of)
    good = nets.disagreement(made, [wrong, oracle(of)])
    assert good.holds and good.pearson == pytest.approx(1, abs=1e-6)
    upper = torch.zeros_like(truth)
    upper[: len(upper) // 3] = 0.5
    blind = nets.disagreement(made, [wrong, net(lambda x: (wrong.model(x) + upper).clamp(0, 1))])
    assert not blind.holds


def test_disagreement_without_a_truth_is_not_checked() -> None:
    of = nets.from_picture(Image.new("L", (30, 20), 90))
    made = nets.translate(THERE, net(), of)
    spread = nets.disagreement(made, [made.net, net(lambda x: x + 0.5)])
    assert isinstance(spread, Spread) and spread.spread_HW.max().item() == pytest.approx(0.25)
    assert np.isnan([spread.pearson, spread.spearman, spread.surest, spread.least_sure]).all()


def test_the_ensemble_is_the_nets_that_there_are(checkpoints: Path) -> None:
    shelve(TAUGHT)  # which takes no part: it copies the others
    mine = net()
    members, missing = nets.ensemble(THERE, mine)
    assert list(members) == [SQUARED] and len(missing) == 2
    shelve(ABSOLUTE)
    members, missing = nets.ensemble(THERE, mine)
    assert list(members) == [SQUARED, ABSOLUTE] and members[SQUARED] is mine and not members[ABSOLUTE].own
    assert len(missing) == 1 and "python -m training fit mri_dense_unet_ssim" in str(missing[0])


# The tumour


@pytest.mark.parametrize("kept", [-0.5, 0.2, 0.9, 1.9])
def test_the_lesions_error_and_contrast(kept: float) -> None:
    of = nets.example(FIRST)
    assert of.lesion_HW is not None
    mask_HW, base = of.lesion_HW, torch.full(of.head_HW.shape, 0.4)
    of = replace(of, truth={"flair": base + 0.3 * mask_HW})
    made = nets.translate(THERE, net(lambda x: (base + kept * 0.3 * mask_HW).expand_as(x)), of)
    found = nets.assess_lesion(made)
    assert found is not None and found.contrast == pytest.approx(0.3, abs=1e-6)
    assert found.contrast_made == pytest.approx(0.3 * kept, abs=1e-6) and found.error_elsewhere == pytest.approx(0)
    assert found.error == pytest.approx(0.3 * abs(1 - kept), abs=1e-6)
    assert found.area == pytest.approx((mask_HW.sum() / of.head_HW.sum()).item()) and (of.head_HW & ~mask_HW).any()


def test_what_is_hallucinated_is_counted() -> None:
    of = nets.example("good")
    spot = torch.zeros_like(of.head_HW)
    spot[60:68, 60:68] = True
    truth = of.truth["flair"] * 0.5
    of = replace(of, truth={"flair": truth})
    made = nets.translate(THERE, net(lambda x: (truth + 0.3 * spot).expand_as(x)), of)
    assert nets.assess_lesion(made) is None
    assert nets.hallucinated_share(made) == pytest.approx((64 / of.head_HW.sum()).item())


# Scans


@pytest.mark.parametrize("key", [*EXAMPLES, STRANGER])
def test_an_example_is_known_by_its_key_and_ships(key: str, no_data: Path) -> None:
    found = nets.known(key)
    assert found is not None and found is nets.example(key) and found.key == key
    assert (found.origin == "photograph") == (key == STRANGER) == (not found.truth)


@pytest.mark.parametrize("key", ["", "a stranger", "test", "test x", "test -1", "test ²"])
def test_what_is_not_known_is_nothing(key: str) -> None:
    assert nets.known(key) is None


@pytest.mark.parametrize("root", ["small_root", "no_data"])
def test_a_test_slice_is_known_by_its_number(root: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(root)
    of = nets.held_out(1)
    again = nets.known(of.key)
    assert of.key == "test 1" and again is not None and again.name == of.name
    assert torch.equal(again.source["flair"], of.source["flair"])


def test_every_direction_shows_its_own_contrast() -> None:
    for key, address in nets.examples(BACK).items():
        seen = np.asarray(image.from_data_url(address).convert("L"))
        assert np.array_equal(seen, nets.example(key).source["flair"].numpy())


def test_the_examples_are_what_they_are_called() -> None:
    """By the net that ships: as good as most, better, worse than the input itself, and a tumour painted over."""
    shipped = shipped_net()
    made = {key: nets.translate(THERE, shipped, nets.example(key)) for key in EXAMPLES}
    psnr = {key: psnr_of(m, m.output_HW) for key, m in made.items()}
    usual = nets.figures_on_test(THERE)
    low, high = usual.quantile(0.4), usual.quantile(0.6)
    assert low < psnr["typical"] < high and psnr["good"] > usual.quantile(0.8)
    assert psnr["hard"] < usual.quantile(0.2) and psnr["hard"] < psnr_of(made["hard"], made["hard"].baseline_HW)
    lesion = nets.assess_lesion(made["tumour painted over"])
    assert lesion is not None and lesion.contrast_made < 0.2 * lesion.contrast


def psnr_of(made: nets.Translation, y_HW: torch.Tensor) -> float:
    assert made.truth is not None
    return nets.scores(y_HW, made.truth, made.scan.head_HW)["psnr_db_head"]


def shipped_net() -> Net[Any]:
    try:
        return Net.pretrained(THERE.recipe(THERE.lead))
    except _checkpoint.CheckpointMissing as error:
        pytest.skip(str(error))


# Strangers


def test_strangers_are_told_from_scans() -> None:
    shipped_net()
    noise = torch.randint(0, 256, (128, 128), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    for x_HW in (noise, nets.example(STRANGER).source["flair"], torch.full((1, 1), 200, dtype=torch.uint8)):
        for direction in DIRECTIONS.values():
            found = nets.strangeness(direction, x_HW)
            assert found is not None and found.is_stranger
    for key in EXAMPLES:
        found = nets.strangeness(THERE, nets.example(key).source["pre_contrast"])
        assert found is not None and not found.is_stranger


def test_a_scan_that_is_uploaded_at_twice_the_size_is_no_stranger() -> None:
    shipped_net()
    real = Image.fromarray(nets.example(FIRST).source["pre_contrast"].numpy())
    found = nets.strangeness(THERE, nets.from_picture(real.resize((256, 256))).source["pre_contrast"])
    assert found is not None and not found.is_stranger


def test_without_a_checkpoint_nobody_is_called_a_stranger(checkpoints: Path) -> None:
    of = nets.example(STRANGER)
    assert nets.strangeness(THERE, of.source["flair"]) is None
    assert not nets.translate(THERE, net(), of).is_stranger


# Whose net


def test_every_loss_of_every_direction_has_its_recipe() -> None:
    names = {d.recipe(loss).name for d in DIRECTIONS.values() for loss in LOSSES}
    assert names == {f"mri_dense_unet{end}" for end in ("", "_mae", "_ssim", "_back")}
    assert BACK.recipe(STRUCTURAL).name == BACK.recipe(TAUGHT).name == "mri_dense_unet_back"


def test_the_net_that_leads_was_taught_by_those_of_the_three_losses() -> None:
    assert THERE.lead == TAUGHT and THERE.recipe(TAUGHT).name == "mri_dense_unet_taught"
    assert tuple(THERE.recipe(loss) for loss in LOSSES) == mri_dense_unet_taught.TEACHERS


def test_a_model_of_ones_own() -> None:
    recipe = replace(THERE.recipes[ABSOLUTE], data=few, model=partial(DenseUNet, stem=4, growth=(2, 2), layers=1))
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=2, eval_every=1)))
    for _ in run:
        pass
    mine = Net.from_run(run, evidence={})
    assert mine.own and THERE.loss(mine) == ABSOLUTE
    assert active(THERE.recipe(ABSOLUTE), mine) is mine
    assert nets.translate(THERE, mine, nets.example(FIRST)).loss == ABSOLUTE


def few() -> Splits:
    """The examples in the arrays of the real slices."""
    scans = [nets.example(name) for name in EXAMPLES]
    arrays = (
        torch.stack([s.source["pre_contrast"] for s in scans])[:, None],
        torch.stack([s.truth["flair"] for s in scans])[:, None],
        torch.stack([s.head_HW for s in scans])[:, None],
        torch.stack([s.lesion_HW for s in scans if s.lesion_HW is not None])[:, None],
        torch.arange(len(scans)),
    )
    return Splits(arrays, arrays, arrays)


def test_cards_say_who_is_missing(checkpoints: Path) -> None:
    assert nets.cards().metrics == {} and len(nets.cards().missing) == 5
    shelve(SQUARED)
    found: Any = nets.cards()
    assert found.metrics == {"Pre-contrast to FLAIR, squared error": {"psnr_db_head": 12.34}}
    assert found.slices == [7] and len(found.missing) == 4


@pytest.mark.data
@pytest.mark.slow
def test_a_real_slice_has_both_contrasts_and_its_outline() -> None:
    try:
        arrays = lgg_mri.to_flair().test
    except DataMissing as error:
        pytest.skip(str(error))
    of = nets.held_out(5 + len(arrays[0]))
    assert of.name.startswith("Test slice 6 of 253, patient") and of.key == "test 5"
    assert torch.equal(of.source["pre_contrast"], arrays[0][5, 0]) and torch.equal(of.truth["flair"], arrays[1][5, 0])
    assert of.lesion_HW is not None and torch.equal(of.lesion_HW, arrays[3][5, 0])
    try:
        shipped = Net.pretrained(THERE.recipe(THERE.lead))
    except _checkpoint.CheckpointMissing as error:
        pytest.skip(str(error))
    gained = []
    for index in range(
        5, len(arrays[0]), 25
    ):  # on some slices any net does worse: how bright they were shown is chance
        of = nets.held_out(index + len(arrays[0]))
        made = nets.translate(THERE, shipped, of)
        assert made.truth is not None
        net, nothing = (nets.scores(y, made.truth, of.head_HW) for y in (made.output_HW, made.baseline_HW))
        gained.append(net["psnr_db_head"] - nothing["psnr_db_head"])
    assert len(gained) == 10 and sum(gained) / len(gained) > 1, "better than doing nothing"
