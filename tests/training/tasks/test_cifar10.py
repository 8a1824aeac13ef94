"""CIFAR-10's steps, measures and evidence on small made-up pictures, by what can be told without training."""

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from compression import cuts
from compression.lowrank import Factorisation
from models.cnn import CNN
from models.perceptron import Perceptron
from training import Budget, Run, Splits, find
from training._steps import adamw
from training.data import samples
from training.tasks import cifar10


class Looking(nn.Module):
    """Keeps what it was shown, and says `answer_BC` for each picture whatever it is."""

    def __init__(self, answer_C: Tensor) -> None:  # or of each picture, (B, C)
        super().__init__()
        self.answer_C = nn.Parameter(answer_C)
        self.seen: list[Tensor] = []

    def forward(self, x_BCHW: Tensor) -> Tensor:
        self.seen.append(x_BCHW.detach().clone())
        return self.answer_C.expand(len(x_BCHW), -1)


def batch(n: int = 8) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (n, 3, 8, 8), generator=draw).byte(), torch.arange(n) % 10


def optimizers(model: nn.Module) -> Any:
    return adamw()(model, Budget(steps=1, batch_size=8, lr=0.0))


def made_up(n: tuple[int, int, int] = (60, 30, 40)) -> Splits:
    """Each class has a grey of its own, with noise."""
    draw = torch.Generator().manual_seed(1)
    parts = []
    for count in n:
        label_B = torch.arange(count) % 10
        noise = torch.randint(0, 12, (count, 3, 8, 8), generator=draw)
        parts.append(((20 * label_B[:, None, None, None] + noise).byte(), label_B))
    return Splits(*parts)


def test_a_plain_step_is_the_smoothed_cross_entropy() -> None:
    model, (x_B, label_B) = Looking(torch.arange(10.0)), batch()
    loss = cifar10.step(model, (x_B, label_B), optimizers(model), torch.Generator(), smoothing=0.2)["cross_entropy"]
    expected = F.cross_entropy(torch.arange(10.0).expand(8, -1), label_B, label_smoothing=0.2)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5) and torch.equal(model.seen[0] * 255, x_B.float())


def test_mixup_mixes_pictures_and_labels_by_one_share() -> None:
    answer_BC = torch.randn(8, 10, generator=torch.Generator().manual_seed(1))
    model, (x_B, label_B) = Looking(answer_BC), batch()
    loss = cifar10.step(model, (x_B, label_B), optimizers(model), torch.Generator().manual_seed(3), mixup=0.5)
    draw = torch.Generator().manual_seed(3)
    share = cifar10._beta(0.5, draw)
    other_B = torch.randperm(8, generator=draw)
    x_BCHW = x_B.float() / 255
    assert torch.allclose(model.seen[0], share * x_BCHW + (1 - share) * x_BCHW[other_B], atol=1e-6)
    own, others = (F.cross_entropy(answer_BC, y).item() for y in (label_B, label_B[other_B]))
    assert loss["cross_entropy"].item() == pytest.approx(share * own + (1 - share) * others, rel=1e-5)


def test_the_share_is_beta_distributed() -> None:
    draw = torch.Generator().manual_seed(0)
    share_N = torch.tensor([cifar10._beta(0.5, draw) for _ in range(4000)])
    assert share_N.mean().item() == pytest.approx(0.5, abs=0.03)
    assert share_N.var().item() == pytest.approx(0.125, abs=0.01)  # of Beta(a, a): 1 / (4 (2 a + 1))


def test_every_picture_is_met_mirrored_every_other_time() -> None:
    model, (x_B, label_B) = Looking(torch.zeros(10)), batch()
    index_B = torch.arange(8) + 3
    splits = Splits(*[(x_B, label_B, index_B)] * 3)
    model.meet = lambda x: None  # type: ignore[method-assign]
    cifar10.get_ready(model, splits)
    assert model.get_buffer(cifar10.FLIPPED).shape == (11,)
    for _ in range(4):
        step = cifar10.alternating_step
        step(model, (x_B, label_B, index_B), optimizers(model), torch.Generator(), shift=0)
    plain, mirrored = x_B.float() / 255, x_B.float().flip(3) / 255
    for i in range(8):
        was_mirrored = [torch.allclose(seen[i], mirrored[i]) for seen in model.seen]
        assert was_mirrored[0] != was_mirrored[1] and was_mirrored[:2] == was_mirrored[2:]
        assert all(torch.allclose(seen[i], plain[i]) != m for seen, m in zip(model.seen, was_mirrored, strict=True))


def test_flips_are_the_mean_with_the_mirror_image() -> None:
    torch.manual_seed(0)
    model, (x_B, _) = CNN(inputs=3, channels=(4,)).eval(), batch()
    with torch.no_grad():
        expected = (model(x_B.float() / 255) + model(x_B.flip(3).float() / 255)) / 2
    assert torch.allclose(cifar10.predict_logits(model, x_B, flips=True), expected, atol=1e-5)
    assert not torch.allclose(cifar10.predict_logits(model, x_B), expected, atol=1e-4)


def test_measures_and_intervals() -> None:
    model = Looking(F.one_hot(torch.tensor(2), 10).float())
    x_B, label_B = batch(20)
    found = cifar10.evaluate(model, (x_B, label_B))
    assert found["accuracy"] == found["accuracy_flips"] == pytest.approx(0.1)
    span = cifar10.intervals(model, (x_B, label_B))["accuracy"]
    assert span.low < 0.1 < span.high and span.n == 20


def knowing() -> Perceptron:
    """Knows each class by its grey: the logit of class c is highest where the picture's mean is the class's."""
    net = Perceptron(hidden=(4, 3), side=8).eval()
    net.meet(made_up().train[0].float() / 255)
    return net


def test_evidence_says_what_the_net_says() -> None:
    torch.manual_seed(0)
    net, splits = knowing(), made_up()
    found = cifar10.evidence(net, splits)
    x_B, label_B = splits.test
    predicted_B = cifar10.predict_logits(net, x_B).argmax(1)
    assert torch.equal(found["predicted"].long(), predicted_B) and torch.equal(found["label"].long(), label_B)
    assert found["confusion"].sum() == 40 and found["right"].shape == (10,)
    p_BC = found["p"].float()
    assert torch.allclose(p_BC.amax(1), p_BC[torch.arange(40), predicted_B], atol=1e-3)
    assert torch.allclose(p_BC.sum(1), torch.ones(40), atol=1e-2)
    middle = cifar10.SHIFT
    assert found["shifted"].shape == (1 + 2 * cifar10.SHIFT,)
    assert found["shifted"][middle].item() == pytest.approx((predicted_B == label_B).double().mean().item())
    valid_B = -cifar10.predict_logits(net, splits.valid[0]).logsumexp(1)
    assert found["energies"].shape == (101,) and torch.equal(found["energies"], found["energies"].sort().values)
    assert found["energies"][[0, 50, 100]].tolist() == pytest.approx(
        [valid_B.min().item(), valid_B.quantile(0.5).item(), valid_B.max().item()]
    ), "of validation, not of test"


def test_cuts_are_kept_where_the_recipe_asks_for_them() -> None:
    torch.manual_seed(0)
    net, splits = knowing(), made_up()
    found = cifar10.evidence(net, splits, shares={"60.0%": 0.6})
    assert cuts.names(found) == ["60.0%"] and not cuts.names(cifar10.evidence(net, splits))
    apart = Factorisation(net, cifar10.calibration(splits))
    small = cuts.unpacked(net, found, "60.0%")
    assert small.ranks == apart.ranks(0.6)


def test_twins_are_counted_in_the_official_training_set() -> None:
    torch.manual_seed(0)
    net, splits = CNN(inputs=3, channels=(4, 4)).eval(), made_up()
    test_x, test_label = splits.test[0].clone(), splits.test[1].clone()
    test_x[0], test_label[0] = splits.valid[0][7], splits.valid[1][7]
    found = cifar10.twins_of(net, splits._replace(test=(test_x, test_label)))
    assert found["twin_nearest"][0] == 60 + 7 and found["twin_ratio"][0] < 0.1


def test_a_shift_moves_the_picture() -> None:
    seen: list[Tensor] = []

    class Left(nn.Module):
        def forward(self, x_BCHW: Tensor) -> Tensor:
            seen.append(x_BCHW[0, 0, 0])
            return x_BCHW.new_zeros(len(x_BCHW), 10)

    x_B = torch.zeros(1, 3, 24, 24, dtype=torch.uint8)
    x_B[..., 12] = 255
    cifar10.right_when_shifted(Left(), x_B, torch.tensor([0]))
    assert [int(row.argmax()) for row in seen] == list(range(4, 21))


@pytest.mark.parametrize("name", ["cifar_cnn", "cifar_mlp", "cifar_cnn_scrambled_4"])
def test_a_visitor_without_data_trains_on_groceries(name: str, no_data: Path) -> None:
    recipe = find(name)
    short = Budget(steps=2, batch_size=16, lr=recipe.budget.lr)
    with samples():
        run = Run(recipe, short)
    assert run.sampled and [len(arrays[0]) for arrays in run.splits] == [315, 18, 36]
    assert list(run)[-1].valid and run.evidence(run.best_model())["confusion"].sum() == 36
