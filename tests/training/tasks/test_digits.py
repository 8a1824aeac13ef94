"""What the recipes for digits share: three ways to take a step, and what is said and kept of the answers."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explanation.projection import layer_outputs
from models.mlp import MLP
from signals.image import to_unit
from training import Arrays, Budget, Splits
from training._steps import adamw
from training.tasks import digits


def drawn(n: int = 40, side: int = 28) -> Arrays:
    draw = torch.Generator().manual_seed(0)
    x_B1HW = torch.randint(256, (n, 1, side, side), generator=draw, dtype=torch.uint8)
    return x_B1HW, torch.arange(n) % 10


def net(seed: int = 0) -> MLP:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return MLP(hidden=32, dropout=0.0)


class Sure(nn.Module):
    """Reads its answer off the first pixel, and is as sure as the second says."""

    def forward(self, x_B1HW: Tensor) -> Tensor:
        answer_B, p_B = (x_B1HW[:, 0, 0, 0] * 255).round().long(), x_B1HW[:, 0, 0, 1:2].clamp(min=0.2)
        p_BC = (1 - p_B) / 9 * torch.ones(10)
        return p_BC.scatter(1, answer_B[:, None], p_B).log()


def test_the_plain_step_goes_down_the_cross_entropy() -> None:
    model, batch = net(), drawn()
    optimizers, generator = adamw()(model, Budget(steps=1, batch_size=40, lr=1e-3)), torch.Generator().manual_seed(0)
    found = [digits.step(model, batch, optimizers, generator)["cross_entropy"].item() for _ in range(30)]
    assert found[0] == pytest.approx(math.log(10), abs=0.5) and found[-1] < 0.5 * found[0]


def test_the_adversarial_step_asks_for_the_worst_of_equally_long_changes() -> None:
    model, batch = net(), drawn()
    optimizers = adamw()(model, Budget(steps=1, batch_size=40, lr=0.0))  # it looks, and changes nothing
    step = lambda **more: digits.adversarial_step(model, batch, optimizers, torch.Generator().manual_seed(1), **more)  # noqa: E731
    x_BX = to_unit(batch[0]).flatten(1)
    with torch.no_grad():
        answer_BC, anyhow_BC = model(x_BX).softmax(1), model(x_BX + 2 * F.normalize(torch.randn_like(x_BX)))
        anyhow = F.kl_div(anyhow_BC.log_softmax(1), answer_BC, reduction="batchmean")
    assert step()["smoothness"] > 3 * anyhow > 0
    assert step(radius=0.0)["smoothness"].item() == pytest.approx(0, abs=1e-6)
    assert step()["cross_entropy"].item() == pytest.approx(F.cross_entropy(model(x_BX), batch[1]).item(), rel=0.02)


def test_a_pupil_that_answers_as_its_teacher_has_nothing_to_learn_from_it() -> None:
    model, batch = net(), drawn()
    optimizers = adamw()(model, Budget(steps=1, batch_size=40, lr=0.0))
    for teacher, least, most in ((net(), 0.0, 1e-5), (net(seed=1), 1e-4, 10.0)):
        draw = torch.Generator().manual_seed(0)
        losses = digits.distillation_step(model, batch, optimizers, draw, teacher=lambda _, it=teacher: it)
        assert least <= losses["distillation"].abs() <= most and losses["cross_entropy"].isfinite()


def test_the_measures_of_answers_that_are_known() -> None:
    x_B1HW = torch.zeros(20, 1, 28, 28, dtype=torch.uint8)
    label_B = torch.arange(20) % 10
    x_B1HW[:, 0, 0, 0], x_B1HW[:, 0, 0, 1] = label_B.byte(), 217
    sure = 217 / 255
    x_B1HW[:5, 0, 0, 0] = (label_B[:5] + 1).byte()
    found = digits.evaluate(Sure(), (x_B1HW, label_B))
    assert found["accuracy"] == 0.75 and found["calibration_error"] == pytest.approx(sure - 0.75, abs=1e-6)
    assert found["cross_entropy"] == pytest.approx(-(0.75 * math.log(sure) + 0.25 * math.log((1 - sure) / 9)), abs=1e-5)
    span = digits.intervals(Sure(), (x_B1HW, label_B))["accuracy"]
    assert span.n == 20 and span.low < 0.75 < span.high


def test_the_surest_and_the_most_wrong() -> None:
    confidence_B = torch.tensor([0.5, 0.9, 0.7, 0.6, 0.8])
    found = digits.extremes(confidence_B, torch.tensor([3, 3, 3, 5, 7]), torch.tensor([3, 3, 3, 3, 3]))
    assert found["surest_index"][3].tolist() == [1, 2, 0, -1, -1, -1]
    assert found["wrong_index"][3].tolist() == [4, 3, -1, -1, -1, -1]
    assert found["wrong_predicted"][3][:2].tolist() == [7, 5] and (found["surest_index"][4] == -1).all()


def test_the_evidence_with_and_without_maps() -> None:
    splits = Splits(drawn(80), drawn(50), drawn(60))
    plain, whole = (digits.evidence(net().eval(), splits, maps=maps) for maps in (False, True))
    assert plain.keys() == {"confusion", "reliability"} < whole.keys()
    assert plain["confusion"].sum() == 60 and plain["confusion"].sum(1).tolist() == 10 * [6]
    assert whole["map_class"].tolist() == [digit for digit in range(10) for _ in range(6)]
    assert whole["pca"].shape == whole["tsne"].shape == (1 + len(digits.LAYERS), 60, 2)
    shown_10S, picture_10SHW = whole["wrong_index"], whole["wrong_picture"]
    there_10S = shown_10S >= 0
    assert there_10S.any() and torch.equal(picture_10SHW[there_10S], splits.test[0][shown_10S[there_10S], 0])


def test_the_threshold_of_what_looks_like_a_digit_is_set_on_validation() -> None:
    model, splits = net().eval(), Splits(drawn(80), drawn(200), drawn(60))
    familiar = digits.familiarity(model, splits)
    outside_B = familiar.outside(layer_outputs(model, to_unit(splits.valid[0]), [digits.LAST_HIDDEN])[0])
    assert (outside_B <= familiar.threshold).double().mean().item() == pytest.approx(digits.FAMILIAR_SHARE, abs=0.006)
