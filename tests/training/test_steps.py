"""The steps that recipes share, on nets so small that their losses and their updates are known on paper."""

import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training import Arrays, Budget, Optimizers
from training._steps import adamw, nesterov, update
from training.tasks import digits

PLAIN = 0.02
"""How far a product in bfloat16 may be off, where the machine computes them so."""


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def linear(weight: list[list[float]]) -> nn.Module:
    """Logits `x W` of flattened pictures, without a bias."""
    layer = nn.Linear(len(weight[0]), len(weight), bias=False)
    layer.weight.data = torch.tensor(weight)
    return nn.Sequential(nn.Flatten(), layer)


def descent(model: nn.Module, lr: float = 0.1) -> Optimizers:
    return {"model": torch.optim.SGD(model.parameters(), lr=lr)}


def pictures(n: int = 32, sides: int = 2, classes: int = 3) -> Arrays:
    draw = seeded(1)
    x_B1HW = torch.randint(256, (n, 1, sides, sides), generator=draw, dtype=torch.uint8)
    return x_B1HW, torch.randint(classes, (n,), generator=draw)


def divergence(p_BC: Tensor, q_BC: Tensor) -> float:
    """KL(p ‖ q) in nats, the mean over the batch, by its definition."""
    return (p_BC * (p_BC / q_BC).log()).sum(1).mean().item()


def test_each_update_follows_its_own_gradient() -> None:
    x = torch.tensor([1.0, -2.0])
    weight = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    for step in (1, 2, 3):
        update(optimizer, (weight * x).sum())
        assert torch.equal(weight.detach(), -step * x), "a gradient that is kept would be followed twice"


def test_a_gradient_is_no_longer_than_its_clip() -> None:
    steep = torch.tensor([3.0, -4.0])
    weights = [nn.Parameter(torch.zeros(2)) for _ in range(3)]
    for weight, clip in zip(weights, (None, 10.0, 0.5), strict=True):
        update(torch.optim.SGD([weight], lr=1.0), (weight * steep).sum(), clip=clip)
    assert [weight.detach().norm().item() for weight in weights] == pytest.approx([5, 5, 0.5], rel=1e-5)


def test_adamw_takes_the_budgets_rate() -> None:
    optimizers = adamw(weight_decay=0.3)(linear([[1.0]]), Budget(steps=1, batch_size=1, lr=0.07))
    (group,) = optimizers["model"].param_groups
    assert (group["lr"], group["weight_decay"]) == (0.07, 0.3)


def test_supervised_is_the_cross_entropy_of_the_batch() -> None:
    model, batch = linear([[1.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, -1.0, 1.0]]), pictures()
    optimizers = descent(model)
    losses = []
    for _ in range(200):
        expected = F.cross_entropy(model(batch[0].float() / 255), batch[1]).item()
        losses.append(digits.step(model, batch, optimizers, seeded())["cross_entropy"].item())
        assert losses[-1] == pytest.approx(expected, abs=PLAIN)
    assert losses[-1] < losses[0] - 0.1


def test_the_adversary_finds_the_steepest_direction_and_learning_makes_it_flat() -> None:
    """Black pictures have equal logits, and only along `w` do they change: at 2 w / |w| by 2 |w|, either way alike."""
    w = torch.tensor([0.3, -0.4, 0.0, 1.2])  # of length 1.3
    model = linear([[0.0] * 4, w.tolist()])
    black, label_B = torch.zeros(64, 1, 2, 2, dtype=torch.uint8), torch.arange(64) % 2
    p = 1 / (1 + math.exp(-2 * 1.3))
    found = digits.adversarial_step(model, (black, label_B), descent(model), seeded(), radius=2.0)
    assert found["cross_entropy"].item() == pytest.approx(math.log(2), abs=1e-3)
    assert found["smoothness"].item() == pytest.approx(-0.5 * math.log(4 * p * (1 - p)), abs=PLAIN)
    after = model[1].weight[1] - model[1].weight[0]  # type: ignore[index]
    assert after.norm() < 0.99 * w.norm() and F.cosine_similarity(after, w, dim=0) > 0.999


def test_without_its_weight_the_adversary_changes_nothing() -> None:
    batch, nets = pictures(), [linear([[1.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, -1.0, 1.0]]) for _ in range(2)]
    digits.adversarial_step(nets[0], batch, descent(nets[0]), seeded(), weight=0.0)
    digits.step(nets[1], batch, descent(nets[1]), seeded())
    assert torch.allclose(nets[0][1].weight, nets[1][1].weight, atol=1e-6)  # type: ignore[index]


STUDENT, TEACHER = [[1.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, -1.0, 1.0]], [[0.0, 3, 0, 0], [4.0, 0, 0, 0], [0, 0, 2.0, 1]]


def test_distillation_by_its_definition() -> None:
    student, teacher, (x_B, label_B) = linear(STUDENT), linear(TEACHER), pictures()
    with torch.no_grad():
        answers = [net(x_B.float() / 255) for net in (teacher, student)]
    wanted = 4 * divergence(*((answer / 2).softmax(1) for answer in answers))
    learn = partial(digits.distillation_step, teacher=lambda device: teacher, temperature=2.0, noise=0.0, weight=0.2)
    before = student[1].weight.detach().clone()  # type: ignore[index]
    found = learn(student, (x_B, label_B), descent(student), seeded())
    assert found["distillation"].item() == pytest.approx(wanted, abs=PLAIN) and wanted > 0.5
    assert found["cross_entropy"].item() == pytest.approx(F.cross_entropy(answers[1], label_B).item(), abs=PLAIN)
    assert not torch.equal(student[1].weight, before)  # type: ignore[index]
    assert teacher[1].weight.tolist() == TEACHER  # type: ignore[index]
    for _ in range(300):
        found = learn(student, (x_B, label_B), descent(student, lr=1.0), seeded(), weight=0.0)
    assert found["distillation"].item() < 0.05 * wanted


def test_teacher_and_student_see_the_same_noise() -> None:
    student, teacher = linear(TEACHER), linear(TEACHER)
    found = digits.distillation_step(
        student, pictures(), descent(student), seeded(), teacher=lambda device: teacher, noise=0.5
    )
    assert found["distillation"].item() == pytest.approx(0, abs=1e-6)


def test_norms_biases_go_faster_and_decay_alike() -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Linear(2, 2))
    model[1].weight.requires_grad_(False)
    chosen = nesterov(weight_decay=0.01, biases=8)(model, Budget(steps=1, batch_size=1, lr=0.5))["model"]
    rest, shifts = chosen.param_groups
    assert [p is model[1].bias for p in shifts["params"]] == [True] and len(rest["params"]) == 4
    assert (rest["lr"], shifts["lr"], rest["nesterov"]) == (0.5, 4.0, True)
    assert rest["lr"] * rest["weight_decay"] == pytest.approx(shifts["lr"] * shifts["weight_decay"])
    assert len(nesterov()(linear([[1.0]]), Budget(steps=1, batch_size=1, lr=0.5))["model"].param_groups) == 1
