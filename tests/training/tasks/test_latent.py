"""The bound and what is said of codes: closed forms, order between bounds, and what counts as clothes."""

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

from models.vae import VAE
from signals.image import to_unit
from training import Arrays, Budget, Splits
from training._steps import adamw
from training.tasks import latent


def drawn(n: int = 40, seed: int = 0) -> Arrays:
    """Pictures with something in them: light boxes on black, of all ten classes."""
    draw = torch.Generator().manual_seed(seed)
    x_B1HW = torch.zeros(n, 1, 28, 28, dtype=torch.uint8)
    for i in range(n):
        top, left, high, wide = torch.randint(2, 13, (4,), generator=draw).tolist()
        x_B1HW[i, 0, top : top + high, left : left + wide] = 100 + 15 * (i % 10)
    return x_B1HW, torch.arange(n) % 10


def net(seed: int = 0) -> VAE:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return VAE(width=4, hidden=(32,)).eval()


def moments(n: int = 6) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(1)
    return torch.randn(n, 2, generator=draw), torch.randn(n, 2, generator=draw)


def test_the_kl_of_a_gaussian_is_torchs_own() -> None:
    mean_BZ, log_variance_BZ = moments()
    expected_BZ = kl_divergence(Normal(mean_BZ, (0.5 * log_variance_BZ).exp()), Normal(0.0, 1.0))
    assert torch.allclose(latent.kl_nats(mean_BZ, log_variance_BZ), expected_BZ.sum(1), atol=1e-5)
    assert latent.kl_nats(torch.zeros(1, 2), torch.zeros(1, 2)).item() == 0


def test_the_reconstruction_is_a_bernoullis() -> None:
    model, (x_B1HW, _) = net(), drawn(5)
    z_BZ = moments(5)[0]
    bits_B1HW = (x_B1HW > 0).float()
    expected_B = -Bernoulli(logits=model.decode(z_BZ)).log_prob(bits_B1HW).sum((1, 2, 3))
    assert torch.allclose(latent.reconstruction_nats(model, bits_B1HW, z_BZ), expected_B, rtol=1e-5)


def test_codes_are_drawn_around_the_mean_as_wide_as_they_say() -> None:
    mean_BZ, log_variance_BZ = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.0, math.log(0.04)]])
    z_BZ = latent.drawn(mean_BZ.expand(20_000, 2), log_variance_BZ.expand(20_000, 2), torch.Generator().manual_seed(0))
    assert z_BZ.mean(0).tolist() == pytest.approx([2, -1], abs=0.03)
    assert z_BZ.std(0).tolist() == pytest.approx([1, 0.2], rel=0.03)


def test_the_importance_weighted_bound_lies_below_and_begins_at_the_elbo() -> None:
    """Of one sample it is −ELBO in expectation; each further sample brings it down (Burda et al. 2016, theorem 1)."""
    model, (x_B1HW, _) = net(), drawn(30)
    model.head.bias.data[2:] = -1.0
    whole = latent.bound(model, x_B1HW, draws=400)
    elbo = (whole.reconstruction_B + whole.kl_B).mean().item()
    once = [latent.importance_weighted(model, x_B1HW.roll(i, 0), samples=1).mean() for i in range(30)]
    few, many = (latent.importance_weighted(model, x_B1HW, samples=k).mean().item() for k in (5, 500))
    assert torch.stack(once).mean().item() == pytest.approx(elbo, rel=2e-3)
    assert many < few < elbo


def test_the_importance_weighted_bound_is_exact_where_the_code_says_nothing() -> None:
    """With a decoder that ignores its code and a posterior equal to the prior, every weight is p(x)."""
    model, (x_B1HW, _) = net(), drawn(4)
    model.head.weight.data.zero_()
    model.head.bias.data.zero_()
    next(model.decoder.parameters()).data.zero_()
    expected_B = latent.reconstruction_nats(model, to_unit(x_B1HW), torch.zeros(4, 2))
    assert torch.allclose(latent.importance_weighted(model, x_B1HW, samples=7), expected_B, rtol=1e-5)


def test_the_step_goes_down_what_it_is_told_to() -> None:
    batch = drawn(40)
    kl = {}
    for beta in (0.0, 50.0):
        model = net()
        optimizers, generator = (
            adamw()(model, Budget(steps=1, batch_size=40, lr=3e-3)),
            torch.Generator().manual_seed(0),
        )
        found = [latent.step(model, batch, optimizers, generator, beta=beta) for _ in range(60)]
        assert found[-1]["reconstruction"] < 0.7 * found[0]["reconstruction"]
        kl[beta] = found[-1]["kl"].item()
    assert kl[50.0] < 0.2 * kl[0.0], "β holds the codes together"


def test_on_the_kl_alone_codes_collapse_and_nothing_is_drawn_better() -> None:
    model, batch = net(), drawn(40)
    before = latent.bound(model, batch[0])
    decoder = [p.clone() for p in model.decoder.parameters()]
    optimizers = adamw(weight_decay=0.0)(model, Budget(steps=1, batch_size=40, lr=1e-2))
    for _ in range(100):
        latent.kl_step(model, batch, optimizers, torch.Generator())
    after = latent.bound(model, batch[0])
    assert after.kl_B.mean() < 0.05 * before.kl_B.mean() and latent.codes(model, batch[0])[0].std(0).max() < 0.05
    assert all(map(torch.equal, decoder, model.decoder.parameters()))


def test_what_is_reported_is_the_bound_and_its_parts() -> None:
    model, split = net(), drawn(30)
    found, cost = latent.evaluate(model, split, beta=4.0), latent.bound(model, split[0])
    assert found["neg_elbo_nats"] == pytest.approx((cost.reconstruction_B + cost.kl_B).mean().item(), rel=1e-6)
    assert found["objective_nats"] == pytest.approx(found["reconstruction_nats"] + 4 * found["kl_nats"], rel=1e-6)
    for key, interval in latent.intervals(model, split, beta=4.0).items():
        assert interval.low < found[key] < interval.high and interval.n == 30
    assert latent.evaluate(model, split) == latent.evaluate(model, split), "the same draws for the same pictures"


def test_nothing_is_unlike_clothes_where_the_picture_comes_back() -> None:
    class Copy(VAE):
        def forward(self, x_B1HW: Tensor) -> Tensor:
            return torch.logit(x_B1HW, eps=1e-6)

    x_B1HW, _ = drawn(8)
    excess_B, residual_B, border_B = latent.unlike(Copy(width=2, hidden=(4,)), x_B1HW)
    assert excess_B.abs().max() < 0.1 and residual_B.max() < 1e-4 and (border_B == 0).all()
    model = net()
    excess_B, residual_B, _ = latent.unlike(model, x_B1HW)
    told_B = latent.reconstruction_nats(model, to_unit(x_B1HW), latent.codes(model, x_B1HW)[0])
    assert (excess_B < told_B).all() and (excess_B > 0).all() and (residual_B > 0).all()


def test_the_evidence_says_where_pictures_lie_and_what_is_familiar() -> None:
    model, splits = net(), Splits(drawn(120, 1), drawn(50, 2), drawn(80, 3))
    kept = latent.evidence(model, splits)
    mean_NZ, spread_NZ = latent.codes(model, splits.test[0])
    assert torch.allclose(kept["code"].float(), mean_NZ, atol=1e-2) and torch.allclose(
        kept["spread"].float(), spread_NZ, rtol=1e-2
    )
    assert kept["class"].tolist() == splits.test[1].tolist()
    assert kept["picture"].shape == (60, 28, 28) and torch.equal(
        kept["picture"], splits.test[0][kept["picture_index"], 0]
    )
    assert splits.test[1][kept["picture_index"]].tolist() == [c for c in range(10) for _ in range(6)]
    assert len(kept["density_code"]) == 120
    measured_3B = torch.stack(latent.unlike(model, splits.valid[0]))
    assert torch.allclose(kept["familiar"], measured_3B.quantile(0.99, dim=1)), "chosen on validation"


def test_the_plane_of_pca_gives_back_most_of_what_two_numbers_can() -> None:
    splits = Splits(drawn(120, 1), drawn(20, 2), drawn(80, 3))
    kept = latent.evidence(net(), splits)
    x_ND = to_unit(splits.train[0]).flatten(1)
    mean_D, axes_D2 = kept["pca_mean"].float(), kept["pca_axes"].float()
    assert torch.allclose(axes_D2.T @ axes_D2, torch.eye(2), atol=2e-3)
    left = (x_ND - mean_D - (x_ND - mean_D) @ axes_D2 @ axes_D2.T).square().sum()
    values = torch.linalg.svdvals(x_ND - x_ND.mean(0)).square()
    assert left.item() == pytest.approx(values[2:].sum().item(), rel=5e-3)


def test_a_lit_border_is_counted_once() -> None:
    x_B1HW = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    x_B1HW[0, 0, 0] = 255
    x_B1HW[1] = 255
    assert latent.unlike(net(), x_B1HW).border_B.tolist() == pytest.approx([28 / 108, 1])
