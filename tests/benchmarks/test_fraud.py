"""The peers of the fraud nets: each is what its name says, and the floor is the share of frauds."""

import numpy as np
import pytest
import torch

from benchmarks import fraud
from training.data import creditcard, samples


@pytest.fixture
def splits():  # type: ignore[no-untyped-def]
    with samples():
        return creditcard.splits()


def test_a_random_order_gets_the_share_of_frauds(splits) -> None:  # type: ignore[no-untyped-def]
    floor = next(fraud.unsupervised(splits))
    found = fraud.row(floor, splits)
    assert found["metrics"]["auprc"] == pytest.approx(splits.test[1].float().mean().item())
    assert found["metrics"]["auroc"] == 0.5


def test_pca_s_whitened_residual_is_mahalanobis_distance_where_nothing_is_kept(splits) -> None:  # type: ignore[no-untyped-def]
    at = fraud.Scaled(splits)
    score_B = fraud.pca_score(at, 1, is_whitened=True)(splits.test[0])
    plain_B = fraud.pca_score(at, 1, is_whitened=False)(splits.test[0])
    z_BD = torch.from_numpy(at.rows(splits.test[0]))
    axis_D = torch.linalg.svd(torch.from_numpy(at.normal_BD), full_matrices=False)[2][0]
    off_BD = z_BD - (z_BD @ axis_D)[:, None] * axis_D
    assert plain_B.numpy() == pytest.approx(off_BD.square().sum(1).numpy(), rel=1e-2, abs=1e-2)
    assert np.corrcoef(score_B.numpy(), plain_B.numpy())[0, 1] < 0.999


def test_peeking_is_never_worse_than_validation_s_threshold(splits) -> None:  # type: ignore[no-untyped-def]
    for scorer in fraud.unsupervised(splits):
        metrics = fraud.row(scorer, splits)["metrics"]
        assert metrics["f1_peeked"] >= metrics["f1"]


def test_the_table_of_mixed_nets_reads_the_cards() -> None:
    rows = fraud.mixed_in()
    assert [row[0] for row in rows][:2] == ["`fraud_denoising`", "`fraud_mixed_half`"] and "random" in rows[-1][1]
