"""What is measured of beats: by hand, against scikit-learn, and with records as the units that are independent."""

from functools import partial
from typing import Any

import pytest
import torch
from sklearn.metrics import f1_score, precision_score, recall_score

from metrics.classification import confusion
from models.ecg import BeatCNN, BeatNet, probabilities
from signals.ecg_context import RHYTHM
from training import Budget, Splits
from training._steps import adamw
from training.tasks import heartbeats


def answers(n: int = 500) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    class_B = torch.randint(0, 5, (n,), generator=draw)
    wrong_B = torch.rand(n, generator=draw) < 0.3
    return torch.where(wrong_B, torch.randint(0, 5, (n,), generator=draw), class_B), class_B


def test_measures_against_scikit_learn() -> None:
    answer_B, class_B = answers()
    found = heartbeats.metrics_of_confusion(confusion(answer_B, class_B, 5))
    f1: Any = f1_score(class_B, answer_B, average=None)  # type: ignore[arg-type]  # one for each class
    assert [found[f"f1_{c}"] for c in "NSVF"] == pytest.approx(f1[:4].tolist())
    assert found["macro_f1"] == pytest.approx(f1[:3].mean()) and found["macro_f1_nsvf"] == pytest.approx(f1[:4].mean())
    assert found["accuracy"] == pytest.approx((answer_B == class_B).double().mean().item())
    ill_B, alarm_B = class_B > 0, answer_B > 0
    assert found["binary_f1"] == pytest.approx(f1_score(ill_B, alarm_B))
    assert found["binary_precision"] == pytest.approx(precision_score(ill_B, alarm_B))
    assert found["binary_recall"] == pytest.approx(recall_score(ill_B, alarm_B))
    assert found["binary_specificity"] == pytest.approx(recall_score(~ill_B, ~alarm_B))


def test_q_is_in_no_mean() -> None:
    counts = torch.diag(torch.tensor([50, 40, 30, 20, 0]))
    with_q = counts.clone()
    with_q[4, 0] = 7
    before, after = heartbeats.metrics_of_confusion(counts), heartbeats.metrics_of_confusion(with_q)
    assert before["macro_f1"] == before["macro_f1_nsvf"] == 1
    assert after["f1_S"] == 1 and after["accuracy"] == pytest.approx(140 / 147)
    assert "f1_Q" not in after


def test_nothing_found_is_zero_and_no_error() -> None:
    found = heartbeats.metrics_of_confusion(
        confusion(torch.zeros(10, dtype=torch.long), torch.zeros(10, dtype=torch.long), 5)
    )
    assert found["f1_N"] == 1 and found["f1_S"] == 0 and found["binary_f1"] == 0 and found["binary_specificity"] == 1


def test_intervals_draw_records() -> None:
    answer_B, class_B = answers()
    same = heartbeats.bootstrap_intervals(answer_B, class_B, torch.zeros(500, dtype=torch.long), rounds=20)
    assert same["accuracy"].low == same["accuracy"].high and same["accuracy"].n == 1
    many = heartbeats.bootstrap_intervals(answer_B, class_B, torch.arange(500) // 50, rounds=200)
    assert (
        many["accuracy"].low
        < heartbeats.metrics_of_confusion(confusion(answer_B, class_B, 5))["accuracy"]
        < many["accuracy"].high
    )
    assert many["accuracy"].n == 10 and set(many) == set(heartbeats.QUOTED)


def test_evidence_is_the_test_beats_own() -> None:
    draw = torch.Generator().manual_seed(0)
    train, valid, test = (
        (torch.randn(n, 1, 256, generator=draw), torch.arange(n) % 4, torch.full((n,), n)) for n in (3, 5, 7)
    )
    model = BeatCNN().eval()
    found = heartbeats.evidence(model, Splits(train, valid, test))
    assert found["class"].tolist() == test[1].tolist() and found["record"].tolist() == 7 * [7]
    p_BC = probabilities(model, test[0])
    assert torch.equal(found["probability"], p_BC.half())
    assert torch.equal(found["confusion"], confusion(p_BC.argmax(1), test[1], 5))


def test_a_beat_is_moved_and_keeps_its_ends() -> None:
    x_BCT = torch.arange(6.0).expand(3, 2, 6)
    moved = heartbeats._moved(x_BCT, torch.tensor([0, 2, -1]))
    assert moved[0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert moved[1, 1].tolist() == [0, 0, 0, 1, 2, 3]
    assert moved[2, 0].tolist() == [1, 2, 3, 4, 5, 5]


def test_the_adjusted_loss_lifts_the_rare_class() -> None:
    """On inputs that say nothing the net learns the prior; adjusted by it in full, it learns to say nothing."""
    class_B = torch.tensor([0] * 90 + [1] * 10)
    batch = (torch.zeros(100, 1, 256), class_B, torch.zeros(100, dtype=torch.long))
    prior = torch.tensor([0.9, 0.1, 1e-6, 1e-6, 1e-6]).log()
    shares = []
    for strength in (0.0, 1.0):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = BeatCNN(dropout=0.0)
        optimizers = adamw()(model, Budget(steps=1, batch_size=100, lr=3e-3))
        step = partial(heartbeats.step, prior=lambda: prior, strength=strength, noise=0)
        for seed in range(80):
            step(model, batch, optimizers, torch.Generator().manual_seed(seed))
        p_C = probabilities(model.eval(), torch.zeros(1, 1, 256))[0]
        shares.append(float(p_C[1] / p_C[:2].sum()))
    assert shares[0] == pytest.approx(0.1, abs=0.05) and shares[1] == pytest.approx(0.5, abs=0.12)
    assert p_C.min() > 0.1, "of the classes that were never met it says nothing either"


@pytest.mark.parametrize(("strength", "lifted"), [(0.0, "SVFQ"), (0.5, "SVFQ"), (1.0, "SV")])
def test_the_loss_is_adjusted_by_the_logarithm_of_the_share(strength: float, lifted: str) -> None:
    """Equation 10 of Menon et al. (2021): cross-entropy of the logits plus `strength` times log share."""
    draw = torch.Generator().manual_seed(0)
    beat_BCT, class_B = torch.randn(40, 1, 256, generator=draw), torch.randint(5, (40,), generator=draw)
    prior = torch.tensor([0.8, 0.1, 0.05, 0.03, 0.02]).log()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BeatCNN(dropout=0.0).train()
    raised = torch.tensor([strength * (name in "N" + lifted) for name in "NSVFQ"])
    expected = torch.nn.functional.cross_entropy(model(beat_BCT) + raised * prior, class_B).item()
    still = partial(heartbeats.step, prior=lambda: prior, gain=0.0, shift=0, noise=0.0)
    batch, optimizers = (beat_BCT, class_B, class_B), adamw()(model, Budget(steps=1, batch_size=40, lr=1e-3))
    found = still(model, batch, optimizers, torch.Generator(), strength=strength, lifted=lifted)
    assert found["cross_entropy"].item() == pytest.approx(expected, abs=1e-4)


def runs(n: int = 6, seed: int = 0) -> tuple[torch.Tensor, ...]:
    draw = torch.Generator().manual_seed(seed)
    x_RLCT, rhythm_RLF = torch.randn(n, 40, 4, 90, generator=draw), torch.randn(n, 40, len(RHYTHM), generator=draw)
    return x_RLCT, rhythm_RLF, torch.randint(-1, 4, (n, 40), generator=draw), torch.zeros(n)


STILL = partial(heartbeats.step_in_runs, gain=0.0, shift=0, noise=0.0)


def beat_net(**options: Any) -> BeatNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return BeatNet(dropout=0.0, **options).eval()  # no dropout in the head either


def test_of_a_run_is_asked_what_was_heard_and_what_is_known() -> None:
    """Eight beats are heard first, the last has no next; what has class −1 counts for nothing."""
    model, batch = beat_net(either_way=False), runs()
    with torch.no_grad():
        logits_MRLC = model.each(model.embed(*batch[:2]))[:, :, 8:-1]
    class_RL = batch[2][:, 8:-1]
    losses = [
        torch.nn.functional.cross_entropy(logits_RLC[class_RL >= 0], class_RL[class_RL >= 0])
        for logits_RLC in logits_MRLC
    ]
    expected = torch.stack(losses).mean().item()
    optimizers = adamw()(model, Budget(steps=1, batch_size=6, lr=1e-3))
    assert STILL(model, batch, optimizers, torch.Generator())["cross_entropy"].item() == pytest.approx(
        expected, abs=1e-4
    )


def test_leads_are_turned_over_where_either_way_counts() -> None:
    """With a run that is its own opposite nothing changes; else the loss is one of the two, run by run."""
    one = tuple(t[:1] for t in runs())
    model = beat_net()
    losses = []
    for sign in (1, -1):
        plain = beat_net(either_way=False)
        optimizers = adamw()(plain, Budget(steps=1, batch_size=1, lr=1e-3))
        turned = (sign * one[0], *one[1:])
        losses.append(STILL(plain, turned, optimizers, torch.Generator())["cross_entropy"].item())
    found = set()
    for seed in range(8):
        model = beat_net()
        optimizers = adamw()(model, Budget(steps=1, batch_size=1, lr=1e-3))
        loss = STILL(model, one, optimizers, torch.Generator().manual_seed(seed))["cross_entropy"].item()
        found.add(min((0, 1), key=lambda k: abs(losses[k] - loss)))
        assert min(abs(loss - each) for each in losses) < 1e-5
    assert found == {0, 1} and abs(losses[0] - losses[1]) > 1e-4


def test_what_one_record_does_to_a_score() -> None:
    class_B = torch.tensor([1] * 20 + [1] * 10 + [0] * 10 + [1] * 3)
    answer_B = torch.tensor([1] * 20 + [1] * 5 + [0] * 15 + [0] * 3)
    record_B = torch.tensor([4] * 20 + [5] * 20 + [6] * 3)
    assert heartbeats.f1_over_records(answer_B, class_B, record_B, 1).tolist() == pytest.approx([2 / 3, 1])
    assert heartbeats.f1_without(answer_B, class_B, record_B, 1, 4) == pytest.approx(2 * 5 / (5 + 13))
    assert heartbeats.f1_over_records(answer_B, class_B, record_B, 2).isnan().all()


def test_the_net_that_hears_is_asked_record_by_record() -> None:
    model, (x_RLCT, rhythm_RLF, class_RL, _) = beat_net(), runs(3)
    record_B = torch.arange(3).repeat_interleave(40)
    split = (x_RLCT.flatten(0, 1), rhythm_RLF.flatten(0, 1), class_RL.flatten().clamp(min=0), record_B)
    apart = torch.cat([probabilities(model, x, r) for x, r in zip(x_RLCT, rhythm_RLF, strict=True)])
    assert torch.allclose(heartbeats.answers(model, split), apart, atol=1e-6)
    assert heartbeats.evaluate(model, split)["accuracy"] == pytest.approx(
        (apart.argmax(1) == split[2]).double().mean().item()
    )
