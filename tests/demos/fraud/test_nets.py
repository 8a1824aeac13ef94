"""What the desk is handed: the same scores as torch gives, thresholds of validation, and one's own payments scored."""

import numpy as np
import pytest
import torch

from demos._ui.nets import Net
from demos.fraud.nets import MIXED, NETS, PLAIN, WHITENED, as_bytes, by_split, cards, judge, scored, shipped_payments
from models.autoencoder import Autoencoder
from signals.payments import Payments
from training.tasks.fraud import best_f1


def shipped(name: str = "Denoising") -> Net[Autoencoder]:
    return Net.pretrained(NETS[name])


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("how", [WHITENED, PLAIN])
def test_the_page_can_compute_every_score_again(name: str, how: str) -> None:
    judged = judge(shipped(name), how)
    with torch.no_grad():
        away_BD = judged.z_BD - judged.model.layers(judged.z_BD) - judged.residual_mean_D
    again_B = ((away_BD @ judged.precision_DD) * away_BD).sum(1)
    torch.testing.assert_close(again_B, judged.score_B, rtol=2e-3, atol=1e-2)
    assert len(judged.hour_B) == len(judged.euro_B) == len(judged.fraud_B) and judged.hour_B.diff().min() >= 0


def test_the_threshold_is_of_validation_and_not_of_test() -> None:
    net = shipped()
    judged = judge(net, WHITENED)
    assert judged.valid_threshold == best_f1(net.evidence["valid_score"], net.evidence["valid_label"] == 1).score
    assert judged.test_threshold == best_f1(judged.score_B, judged.fraud_B).score != judged.valid_threshold
    assert judged.normal_weight > 30 > judged.fraud_weight > 1 and 0.2 < judged.days < 0.5


def test_ones_own_payments_are_scored() -> None:
    payments = shipped_payments()
    found = scored(None, "Denoising", payments)
    assert len(found.score_B) == len(payments.x_BD) == 1500 and found.auprc is not None and found.auprc > 0.6
    unknown = scored(None, "Plain", Payments(payments.x_BD[:5], None))
    assert unknown.auprc is None and unknown.score_B.isfinite().all()
    alike = scored(None, "Plain", Payments(payments.x_BD[:5], torch.zeros(5, dtype=torch.long)))
    assert alike.auprc is None, "of one kind alone there is nothing to measure"


def test_what_was_measured_is_read_off_the_cards() -> None:
    areas = {share: card.metrics["auprc"] for share, card in cards().items()}
    assert list(areas) == list(MIXED) and areas[0.0] > areas[1.0] > areas[5.0]
    assert by_split()["at random"].metrics["auprc"] > by_split()["by time"].metrics["auprc"]


def test_without_checkpoints_nothing_is_claimed(checkpoints: object) -> None:
    assert cards() == by_split() == {}


def test_numbers_travel_as_floats_little_endian() -> None:
    content = as_bytes(torch.tensor([[1.0, -2.0]]), torch.tensor([0.5]))
    assert np.frombuffer(content, "<f4").tolist() == [1.0, -2.0, 0.5]
