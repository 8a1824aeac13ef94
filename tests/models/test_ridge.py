"""The closed form is what solving says, and what it says of a sample left out is what leaving it out says."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models.ridge import MIDDLE, Ridge, solve, solve_with


def drawn(n: int, d: int, classes: int = 3) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(n + d)
    label_N = torch.arange(n) % classes * (torch.arange(n) % 7 > 1)  # the first class is the most frequent
    return torch.randn(n, d, generator=draw) + 0.8 * F.one_hot(label_N, d).float() + 5, label_N


def by_hand(x_ND: Tensor, label_N: Tensor, weight_N: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Weighted normal equations with a column of ones that bears no penalty."""
    x_ND, target_NC = torch.cat([x_ND.double(), torch.ones(len(x_ND), 1)], 1), F.one_hot(label_N, 3).double()
    ridge_DD = penalty * torch.eye(x_ND.shape[1], dtype=torch.float64)
    ridge_DD[-1, -1] = 0
    found_DC = torch.linalg.solve(
        x_ND.T @ (weight_N[:, None] * x_ND) + ridge_DD, x_ND.T @ (weight_N[:, None] * target_NC)
    )
    return found_DC[:-1], found_DC[-1]


def weights(label_N: Tensor, *, balanced: bool) -> Tensor:
    weight_N = 1 / torch.bincount(label_N)[label_N].double() if balanced else torch.ones(len(label_N)).double()
    return weight_N / weight_N.mean()


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize(("n", "d"), [(30, 5), (20, 60)])
def test_the_head_and_what_it_says_of_samples_left_out(n: int, d: int, balanced: bool) -> None:
    x_ND, label_N = drawn(n, d)
    head, weight_N = solve_with(x_ND, label_N, 3, 0.1, balanced=balanced), weights(label_N, balanced=balanced)
    mean_D = (weight_N[:, None] * x_ND).sum(0) / weight_N.sum()
    penalty = 0.1 * (weight_N[:, None] * (x_ND - mean_D).square()).sum().item() / n
    weight_DC, bias_C = by_hand(x_ND, label_N, weight_N, penalty)
    assert torch.allclose(head.weight_DC.double(), weight_DC, atol=1e-5) and torch.allclose(
        head.bias_C.double(), bias_C, atol=1e-4
    )
    assert torch.allclose(head.scores(x_ND), x_ND @ head.weight_DC + head.bias_C)
    for i in range(n):
        rest = torch.arange(n) != i
        weight_DC, bias_C = by_hand(x_ND[rest], label_N[rest], weight_N[rest], penalty)
        assert torch.allclose(head.left_out_NC[i].double(), x_ND[i].double() @ weight_DC + bias_C, atol=1e-4)


def test_the_penalty_is_the_one_that_errs_least_about_what_it_left_out() -> None:
    x_ND, label_N = drawn(40, 30)
    tried = [solve_with(x_ND, label_N, 3, share) for share in (1e-4, 1e-2, 1.0)]
    chosen, weight_N = solve(x_ND, label_N, 3, penalties=(1e-4, 1e-2, 1.0)), weights(label_N, balanced=True)

    def mistakes(head: Ridge) -> float:
        return (weight_N * (head.left_out_NC.argmax(1) != label_N)).sum().item()

    assert mistakes(chosen) == pytest.approx(min(map(mistakes, tried)))
    assert len({round(mistakes(head), 3) for head in tried}) > 1, "the penalties differ in what they do"
    assert chosen.penalty in (1e-4, 1e-2, 1.0) and pytest.approx(0.1) == MIDDLE


def test_features_that_say_nothing_do_no_harm() -> None:
    x_ND, label_N = drawn(20, 4)
    same = torch.cat([x_ND, x_ND[:, :1], torch.ones(20, 3)], 1)
    assert solve(same, label_N, 3).left_out_NC.isfinite().all()
    assert torch.equal(solve_with(torch.ones(20, 4), label_N, 3, MIDDLE).weight_DC, torch.zeros(4, 3))


def test_too_little_to_learn_from() -> None:
    with pytest.raises(ValueError, match="two classes at least"):
        solve(torch.rand(5, 4), torch.zeros(5, dtype=torch.int64), 2)
    with pytest.raises(ValueError, match="two pictures of some class"):
        solve(torch.rand(2, 4), torch.tensor([0, 1]), 2)
    assert solve_with(torch.rand(2, 4), torch.tensor([0, 1]), 2, MIDDLE).weight_DC.shape == (4, 2)
