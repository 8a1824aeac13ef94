"""The Scan translation tab without a browser: figures, masks, doubt, the tumour, files, and learning by heart."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import pearsonr, spearmanr
from torch import Tensor, nn

from demos.translation import nets, overfit, tab
from demos.translation.figures import coloured, edge, lesion_text, readout, spread_text
from demos.translation.nets import (
    ABSOLUTE,
    BACK,
    DIRECTIONS,
    EXAMPLES,
    SQUARED,
    STRUCTURAL,
    THERE,
    Net,
    Scan,
    Spread,
    Translation,
)
from demos.translation.overfit import AS_IT_IS, NO_STEP, SHUFFLED, Point
from models import _checkpoint
from models.dense_unet import DenseUNet
from signals import image
from signals.scan import winsorised
from training._run import Run
from training.data import lgg_mri
from training.data._root import DataMissing
from training.recipes import mri_dense_unet

LESION = "a head with a large lesion"
COUNTS = ("n_train", "n_valid", "n_test")


class Given(nn.Module):
    """A net whose answer is known: a function of the winsorised input."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x_B1HW: Tensor) -> Tensor:
        return self.function(winsorised(x_B1HW))


def net(function: Any = lambda x: x, direction: nets.Direction = THERE, loss: str = SQUARED) -> Net:
    return Net(direction, loss, Given(function), own=True)


def oracle(of: Scan) -> Net:
    """A net that knows this scan's truth."""
    return net(lambda x: of.truth["flair"].expand_as(x))


def answer(of: Scan, own: Net | None, *, stops: float = 0, noise: float = 0) -> tuple[str, str, Translation | None]:
    return tab.answer(of, THERE.name, SQUARED, stops, noise, own)


def test_doing_nothing_scores_as_the_input_itself() -> None:
    text, drawn, made = answer(nets.example(LESION), net())
    assert made is not None and made.truth is not None and torch.equal(made.output_HW, made.baseline_HW)
    found = nets.measured(made.output_HW, made.truth, made.scan.head_HW)
    assert text.count(f"<td>{found['psnr_db_head']:.2f}</td>") == 2, "net and input side by side"
    inside = (made.output_HW - made.truth)[made.scan.head_HW].double()
    outside = (made.output_HW - made.truth)[~made.scan.head_HW].double()
    assert found["mae_head"] == pytest.approx(inside.abs().mean().item())
    assert found["psnr_db_outside"] == pytest.approx(-10 * outside.square().mean().log10().item())
    assert drawn.count("<figure") == 4 and drawn.count("wl-edge-lesion") == 4 and "Absolute error" in drawn
    assert "the nets never saw such a picture" in text and "your model" in text and "nan" not in text


def test_a_perfect_answer_has_no_error() -> None:
    of = nets.example(LESION)
    text, _, made = answer(of, oracle(of))
    assert made is not None and made.error is not None and made.error.max() == 0
    assert "<b>∞</b>" in text and "<b>0.0000</b>" in text and "<b>1.000</b>" in text
    told = tab.explain(made)[0]
    assert "The tumour shows" in told and "100 % of its contrast" in told and "nothing is painted in" in told


def test_a_gain_is_nothing_until_it_clips() -> None:
    half = (nets.example(LESION).source["pre_contrast"] // 2).byte()
    twice = nets.exposed(half, stops=1, noise_percent=0)
    assert torch.equal(twice, half * 2), "nothing clips: the same picture, twice as bright"
    same = [winsorised(x.float()[None, None] / 255) for x in (half, twice)]
    assert torch.allclose(same[0], same[1], atol=1e-6), "the net is handed the same"
    clipped = nets.exposed(half, stops=3, noise_percent=0)
    assert (clipped == 255).sum() > (half == half.max()).sum()
    dark = nets.exposed(half, stops=-4, noise_percent=0)
    assert len(dark.unique()) < len(half.unique()) / 8


def test_noise_has_its_deviation_and_its_seed() -> None:
    grey = torch.full((256, 256), 128, dtype=torch.uint8)
    noisy = nets.exposed(grey, stops=0, noise_percent=5)
    assert (noisy.double() - 128).std().item() == pytest.approx(0.05 * 255, rel=0.02)
    assert torch.equal(noisy, nets.exposed(grey, stops=0, noise_percent=5))
    assert nets.exposed(grey, stops=0, noise_percent=0) is grey


def test_the_sliders_leave_the_figures_from_before_beside_the_new() -> None:
    before, _, plain = answer(nets.example(LESION), net())
    after, _, made = answer(nets.example(LESION), net(), noise=15)
    assert plain is not None and plain.clean_HW is None and "before the sliders" not in before
    assert made is not None and made.truth is not None and made.clean_HW is not None
    clean, noisy = (
        nets.measured(y, made.truth, made.scan.head_HW)["psnr_db_head"] for y in (made.clean_HW, made.output_HW)
    )
    assert clean > noisy + 1
    assert f"<b>{noisy:.2f}</b>" in after and f"{clean:.2f} before the sliders" in after


def test_doubt_is_checked_against_the_error() -> None:
    of = nets.example("a head")
    made = nets.translate(net(), of)
    others = [made.net, net(lambda x: x**2), net(lambda x: 1 - x)]
    spread = nets.disagreement(made, others)
    outputs = np.stack([member.translate(made.input_HW).numpy() for member in others])
    assert np.allclose(spread.spread_HW.numpy(), outputs.std(0), atol=1e-6)
    assert made.error is not None
    inside, error = spread.spread_HW[of.head_HW].double().numpy(), made.error[of.head_HW].double().numpy()
    assert spread.pearson == pytest.approx(pearsonr(inside, error)[0])
    assert spread.spearman == pytest.approx(spearmanr(inside, error)[0])
    order = np.argsort(inside, kind="stable")
    assert spread.surest == pytest.approx(error[order[: len(order) // 10]].mean(), rel=0.05)


def test_doubt_that_knows_the_error_holds_and_doubt_that_does_not_fails() -> None:
    of = nets.example(LESION)
    truth = of.truth["flair"]
    assert of.lesion_HW is not None
    faded_HW = truth * (1 - 0.6 * of.lesion_HW.float())
    wrong = net(lambda x: faded_HW.expand_as(x))
    made = nets.translate(wrong, of)
    good = nets.disagreement(made, [wrong, oracle(of)])
    assert good.holds and good.pearson == pytest.approx(1, abs=1e-6)
    assert "in the right places" in spread_text(made, good)
    upper = torch.zeros_like(truth)
    upper[: len(upper) // 3] = 0.5
    blind = nets.disagreement(made, [wrong, net(lambda x: (wrong.model(x) + upper).clamp(0, 1))])
    assert not blind.holds and "does not tell of the error" in spread_text(made, blind)


@pytest.mark.parametrize(
    ("kept", "title"),
    [
        (-0.5, "the wrong way round"),
        (-0.05, "Only 0 % of its contrast"),
        (0.2, "paints the tumour over"),
        (0.9, "The tumour shows"),
        (1.9, "exaggerates"),
    ],
)
def test_what_became_of_the_tumour(kept: float, title: str) -> None:
    of = nets.example(LESION)
    assert of.lesion_HW is not None
    rest_HW, contrast = of.head_HW & ~of.lesion_HW, 0.3
    mask_HW, base = of.lesion_HW, torch.full(of.head_HW.shape, 0.4)
    of = replace(of, truth={"flair": base + contrast * mask_HW})
    made = nets.translate(net(lambda x: (base + kept * contrast * mask_HW).expand_as(x)), of)
    found = nets.lesion(made)
    assert found is not None and found.contrast == pytest.approx(0.3, abs=1e-6)
    assert found.contrast_made == pytest.approx(0.3 * kept, abs=1e-6) and found.error_elsewhere == pytest.approx(0)
    assert found.error == pytest.approx(0.3 * abs(1 - kept), abs=1e-6)
    assert found.area == pytest.approx((mask_HW.sum() / of.head_HW.sum()).item()) and rest_HW.any()
    assert title in lesion_text(made, found, nets.invented(made))


def test_what_is_painted_in_is_counted() -> None:
    of = nets.example("a head without a lesion")
    spot = torch.zeros_like(of.head_HW)
    spot[60:68, 60:68] = True
    truth = of.truth["flair"] * 0.5
    of = replace(of, truth={"flair": truth})
    made = nets.translate(net(lambda x: (truth + 0.3 * spot).expand_as(x)), of)
    assert nets.lesion(made) is None
    assert nets.invented(made) == pytest.approx((64 / of.head_HW.sum()).item())
    assert "No tumour is outlined" in tab.explain(made)[0]


def test_the_ensemble_is_the_nets_that_there_are(checkpoints: Path) -> None:
    made = nets.translate(net(), nets.example("a head"))
    members, missing = nets.ensemble(made.net)
    assert list(members) == [SQUARED] and len(missing) == 2
    assert "python -m training fit mri_dense_unet_mae" in tab.explain(made)[1]
    shelve(ABSOLUTE)
    members, missing = nets.ensemble(made.net)
    assert list(members) == [SQUARED, ABSOLUTE] and len(missing) == 1 and members[SQUARED].own
    doubted = tab.explain(made)[1]
    assert "standard deviation of 2 nets" in doubted and "python -m training fit mri_dense_unet_ssim" in doubted
    back = nets.translate(net(direction=BACK), made.scan)
    assert "There is no ensemble in this direction" in tab.explain(back)[1]


def shelve(loss: str, direction: nets.Direction = THERE) -> None:
    """Write a small net with random weights as this loss's checkpoint."""
    recipe = direction.recipes[loss]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = DenseUNet(stem=4, growth=(2, 2), layers=1, batch_norm=False)
    card = _checkpoint.Card(
        recipe=recipe.name, model="DenseUNet", config=_checkpoint.config(model), metrics={"psnr_db_head": 12.34},
        intervals={}, validation={}, budget={"seed": 0, "stopped_at": 1, "batch_size": 1},
        data={**dict.fromkeys(("title", "address", "split", "note", "licence"), ""), **dict.fromkeys(COUNTS, 7)},
        provenance={"made": "", "seconds": 0, "device": "", "torch": ""}, seeds={}, parameters=0, bytes=0,
        weights_sha256="",
    )  # fmt: skip
    _checkpoint.save(recipe.name, model, card)


def test_the_shipped_nets_answer_in_both_directions(checkpoints: Path) -> None:
    shelve(SQUARED)
    shelve(SQUARED, BACK)
    of = nets.example("Shepp-Logan's head")
    text, drawn, made = tab.answer(of, BACK.name, STRUCTURAL, 0, 0, None)
    assert made is not None and made.net.loss == SQUARED and "the shipped model, learnt by squared error" in text
    assert "Input, FLAIR" in drawn and "Truth, pre-contrast" in drawn
    table, card = tab.opened(THERE.name, SQUARED)
    assert "<td>12.34</td>" in table and "means over 7 slices" in table and "fit mri_dense_unet_ssim" in table
    assert "12.34 dB PSNR in the head" in card


def test_without_a_checkpoint(checkpoints: Path) -> None:
    text, drawn, made = answer(nets.example("a head"), None)
    assert "python -m training fit mri_dense_unet" in text and not drawn and made is None
    assert "Nothing is translated yet" in tab.explain(made)[0]
    table, card = tab.opened(BACK.name, ABSOLUTE)
    assert table.count("python -m training fit") == 4 and "fit mri_dense_unet_back" in card


def test_nothing_chosen_yet() -> None:
    assert "Choose an example" in tab.answer(None, THERE.name, SQUARED, 0, 0, None)[0]
    assert tab.picked("", THERE.name) is None
    assert "Not a medical device" in tab.EMPTY and "drawn" in tab.examples(THERE)[0]["name"]


@pytest.mark.parametrize("direction", DIRECTIONS.values(), ids=lambda d: d.target)
def test_an_example_is_known_by_its_address(direction: nets.Direction) -> None:
    for name, address in nets.examples(direction).items():
        found = tab.picked(address, direction.name)
        assert found is not None and found.origin == "drawn" and found.name == name
    stranger = tab.picked(image.to_data_url(Image.new("L", (40, 30), 90)), direction.name)
    assert stranger is not None and stranger.origin == "uploaded" and not stranger.truth


def test_the_other_direction_keeps_the_scan() -> None:
    of = nets.example("a head")
    shown, loss, kept = tab.switched(BACK.name, of)
    assert kept is of and shown.value == nets.address(of, BACK)
    assert [value for _, value in loss.choices] == [SQUARED]
    assert len(nets.examples(BACK)) == len(EXAMPLES) and shown.value in nets.examples(BACK).values()
    assert len(tab.switched(THERE.name, None)[1].choices) == 3


FORMS = {
    "one.png": Image.new("RGB", (1, 1), "red"),
    "thin.png": Image.new("L", (2000, 1), 90),
    "wide.jpg": Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 1100, 3), dtype=np.uint8)),
    "alpha.png": Image.new("RGBA", (50, 40), (10, 20, 30, 90)),
    "deep.png": Image.fromarray(np.random.default_rng(0).integers(0, 65535, (37, 41), dtype=np.uint16)),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_picture_is_translated(name: str, tmp_path: Path) -> None:
    FORMS[name].save(tmp_path / name)
    address, of = tab.uploaded(str(tmp_path / name), THERE.name)
    assert address.startswith("data:image/png") and max(of.head_HW.shape) <= 512
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DenseUNet(stem=4, growth=(2, 2), layers=1).eval()
    text, drawn, made = answer(of, Net(THERE, SQUARED, model, own=True), noise=3)
    assert made is not None and made.output_HW.shape == of.head_HW.shape and made.output_HW.isfinite().all()
    assert "Nobody knows the truth" in text and drawn.count("<figure") == 2
    assert "nan" not in text and "head nan" not in drawn
    told, _ = tab.explain(made)
    assert "Without a truth" in told
    assert ("made smaller" in text) == (max(FORMS[name].size) > 512)


def test_what_is_no_picture_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("a text file")
    with pytest.raises(ValueError, match="not a picture that can be read"):
        tab.uploaded(str(tmp_path / "notes.png"), THERE.name)


def test_a_visitor_may_bring_the_truth(tmp_path: Path) -> None:
    drawn = nets.example("a head")
    for key in ("pre_contrast", "flair"):
        Image.fromarray(drawn.source[key].numpy()).save(tmp_path / f"{key}.png")
    _, of = tab.uploaded(str(tmp_path / "pre_contrast.png"), THERE.name)
    both = tab.truth_uploaded(str(tmp_path / "flair.png"), of, THERE.name)
    assert torch.allclose(both.truth["flair"], drawn.truth["flair"], atol=1 / 255)
    assert torch.equal(both.head_HW, drawn.head_HW)
    text, pictures, made = answer(both, net())
    assert "dB PSNR in the head" in text and pictures.count("<figure") == 4
    assert "No tumour is outlined" in tab.explain(made)[0]
    assert not tab.switched(BACK.name, both)[2].truth, "the other way round, it is no truth"
    Image.new("L", (64, 64)).save(tmp_path / "small.png")
    with pytest.raises(ValueError, match="64 × 64 pixels, and the scan 128 × 128"):
        tab.truth_uploaded(str(tmp_path / "small.png"), of, THERE.name)
    with pytest.raises(ValueError, match="has its truth already"):
        tab.truth_uploaded(str(tmp_path / "flair.png"), drawn, THERE.name)
    with pytest.raises(ValueError, match="Upload the scan first"):
        tab.truth_uploaded(str(tmp_path / "flair.png"), None, THERE.name)


def test_a_test_slice_where_there_is_none(no_data: Path) -> None:
    steps = tab.another(THERE.name)
    assert "Reading the test slices" in next(steps)[2]
    assert "Choose an example" in next(steps)[2]
    with pytest.raises(DataMissing, match="put train"):
        next(steps)


def test_an_outline_surrounds_its_mask_and_errors_are_viridis() -> None:
    assert [coloured(torch.tensor([[v]]), 0.4).getpixel((0, 0)) for v in (0.0, 0.4, 0.9)] == [
        (68, 1, 84), (253, 231, 37), (253, 231, 37),
    ]  # fmt: skip
    mask = torch.zeros(40, 80, dtype=torch.bool)
    mask[10:30, 20:60] = True
    rim = np.asarray(edge(mask))[..., 3]
    assert rim.shape == (200, 400) and rim[100, 200] == 0 and rim[100, 98] == 255 and rim[0, 0] == 0
    assert 0 < np.asarray(edge(mask, dotted=True))[..., 3].astype(bool).sum() < rim.astype(bool).sum()


# Learning by heart


class Table(nn.Module):
    """A picture for every place of the batch: it learns any batch by heart."""

    def __init__(self) -> None:
        super().__init__()
        self.picture_B1HW = nn.Parameter(torch.full((4, 1, 64, 64), 0.9))

    def forward(self, x_B1HW: Tensor) -> Tensor:
        return self.picture_B1HW


def batch() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    x_B1HW = torch.rand(4, 1, 64, 64, generator=draw)
    return x_B1HW, x_B1HW.round()


def test_what_can_learn_a_batch_does_and_stops_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overfit, "LR", 0.05)
    points = list(overfit.overfit_one_batch(Table(), batch(), AS_IT_IS))
    assert len(points) < overfit.STEPS and points[-1].loss < 0.01 * points[0].loss <= points[-2].loss
    assert "Learnt by heart" in tab.memory_verdict(points, AS_IT_IS)
    assert "<svg" in tab.memory_text(points, "four drawn heads")


@pytest.mark.parametrize("way", [NO_STEP, SHUFFLED])
def test_a_broken_loop_fails_the_test(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overfit, "LR", 0.05)
    points = list(overfit.overfit_one_batch(Table(), batch(), way))
    assert len(points) == overfit.STEPS
    assert (points[-1].loss == points[0].loss) == (way == NO_STEP)
    text = tab.memory_verdict(points, way)
    assert "Not learnt by heart" in text and "As it must be" in text


def test_a_broken_net_is_called_broken() -> None:
    points = [Point(i + 1, 0.1 * i, 0.5) for i in range(overfit.STEPS)]
    assert "The model or the loop is broken" in tab.memory_verdict(points, AS_IT_IS)
    assert "this machine is busy" in tab.memory_verdict(points[:9], AS_IT_IS)


def test_the_time_runs_out() -> None:
    ticks = iter(range(0, 1000, 20))
    points = list(overfit.overfit_one_batch(Table(), batch(), NO_STEP, seconds=90, clock=lambda: next(ticks)))
    assert len(points) == 5 and points[-1].seconds == 100


def test_gradients_do_not_leak_from_a_test_that_waits() -> None:
    with torch.no_grad():
        points = overfit.overfit_one_batch(Table(), batch(), AS_IT_IS)
        next(points)
        assert not torch.is_grad_enabled()
        assert next(points).step == 2


def test_the_button_runs_the_recipes_own_net(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overfit, "STEPS", 3)
    monkeypatch.setattr(tab, "overfit_one_batch", partial(overfit.overfit_one_batch, steps=3))
    before = torch.random.get_rng_state()
    shown = list(tab.memorise(THERE.name, AS_IT_IS))
    assert torch.equal(before, torch.random.get_rng_state()), "nobody else's random state pays for it"
    assert shown[0][0]["interactive"] is False and shown[-1][0]["interactive"] is True
    assert "four drawn heads" in shown[-1][2] and "Not learnt by heart" in shown[-1][2]
    monkeypatch.setenv("WAVELENS_TRAINING", "off")
    with pytest.raises(ValueError, match="switched off"):
        next(tab.memorise(THERE.name, AS_IT_IS))


@pytest.mark.slow
def test_the_dense_u_net_learns_four_drawn_heads_by_heart(no_data: Path) -> None:
    split, what = tab.batch_of(THERE)
    assert what == "four drawn heads"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = mri_dense_unet.recipe.model()
    points = list(overfit.overfit_one_batch(model, overfit.crops(split, [0, 1, 2, 3]), AS_IT_IS, seconds=1e9))
    assert points[-1].loss < 0.01 * points[0].loss


# Whose net


def test_the_panel_trains_what_is_chosen() -> None:
    names = {tab.recipe_of(d.name, loss).name for d in DIRECTIONS.values() for loss in d.recipes}
    assert names == {f"mri_dense_unet{end}" for end in ("", "_mae", "_ssim", "_back")}
    assert tab.recipe_of(BACK.name, STRUCTURAL).name == "mri_dense_unet_back"


def test_a_model_of_ones_own() -> None:
    recipe = replace(THERE.recipes[ABSOLUTE], data=few, model=partial(DenseUNet, stem=4, growth=(2, 2), layers=1))
    run = Run(replace(recipe, budget=replace(recipe.budget, steps=2, batch_size=2, eval_every=1)))
    for _ in run:
        pass
    own = nets.trained(run)
    assert own.own and (own.direction, own.loss) == (THERE, ABSOLUTE)
    assert nets.chosen(THERE, ABSOLUTE, own) is own
    text, _, made = tab.answer(nets.example("a head"), THERE.name, ABSOLUTE, 0, 0, own)
    assert made is not None and "your model, learnt by absolute error" in text
    assert "ms on this machine" in readout(made, 3.0)


def few() -> Any:
    """Drawn heads in the arrays of the real slices."""
    from training._recipe import Splits

    scans = [nets.example(name) for name in list(EXAMPLES)[1:]]
    arrays = (
        torch.stack([s.source["pre_contrast"] for s in scans])[:, None],
        torch.stack([s.truth["flair"] for s in scans])[:, None],
        torch.stack([s.head_HW for s in scans])[:, None],
        torch.stack([s.lesion_HW for s in scans if s.lesion_HW is not None])[:, None],
        torch.arange(len(scans)),
    )
    return Splits(arrays, arrays, arrays)


def test_spread_without_a_truth_is_not_checked() -> None:
    of = nets.of_picture(Image.new("L", (30, 20), 90))
    made = nets.translate(net(), of)
    spread = nets.disagreement(made, [made.net, net(lambda x: x + 0.5)])
    assert isinstance(spread, Spread) and spread.spread_HW.max().item() == pytest.approx(0.25)
    assert "Not checked" in spread_text(made, spread) and "nan" not in spread_text(made, spread)


@pytest.mark.data
@pytest.mark.slow
def test_a_real_slice_has_both_contrasts_and_its_outline() -> None:
    try:
        arrays = lgg_mri.to_flair().test
    except DataMissing as error:
        pytest.skip(str(error))
    of = nets.held_out(5 + len(arrays[0]))
    assert of.name.startswith("Test slice 6 of 253, patient")
    assert torch.equal(of.source["pre_contrast"], arrays[0][5, 0]) and torch.equal(of.truth["flair"], arrays[1][5, 0])
    assert of.lesion_HW is not None and torch.equal(of.lesion_HW, arrays[3][5, 0])
    try:
        shipped = nets.shipped(THERE, SQUARED)
    except _checkpoint.CheckpointMissing as error:
        pytest.skip(str(error))
    made = nets.translate(shipped, of)
    assert made.truth is not None
    found = [nets.measured(y, made.truth, of.head_HW)["psnr_db_head"] for y in (made.output_HW, made.baseline_HW)]
    assert found[0] > found[1], "better than doing nothing"


def test_the_buttons_of_the_panel_are_there(checkpoints: Path, no_data: Path) -> None:
    with gr.Blocks() as blocks, gr.Tab("x") as part:
        tab.build(part)
    names = {str(event.api_name) for event in blocks.fns.values()}
    assert {"translate_scan", "upload_scan", "upload_truth", "test_slice", "memorise_scans"} <= names
