"""The nets for voices: unit embeddings, deaf to level, and a discriminant that agrees with scikit-learn."""

import statistics as statistics_of

import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from models.speaker import SiameseGRU, SpeakerNet, Voice, adaptive_norm, discriminant, embedding, statistics

NETS = pytest.mark.parametrize("net", [SiameseGRU(), SpeakerNet(classes=4)], ids=["twins", "ours"])


def voices(batch: int = 3, seconds: float = 1.2) -> torch.Tensor:
    return 0.1 * torch.randn(batch, int(16_000 * seconds), generator=torch.Generator().manual_seed(0))


@NETS
def test_embeddings_have_length_one_and_do_not_hear_the_level(net: Voice) -> None:
    x_BT = voices()
    with torch.no_grad():
        e_BE, louder_BE = net.eval()(x_BT), net.eval()(8 * x_BT)
    assert e_BE.norm(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert torch.allclose(e_BE, louder_BE, atol=1e-4)
    assert net.sample_rate == 16_000


@NETS
def test_one_recording_scores_as_it_does_in_a_batch(net: Voice) -> None:
    x_BT = voices()
    with torch.no_grad():
        assert torch.allclose(embedding(net.eval(), x_BT[1]), net.eval()(x_BT)[1], atol=1e-5)


@NETS
@pytest.mark.parametrize("seconds", [0.05, 0.5, 30.0])
def test_short_and_long_recordings(net: Voice, seconds: float) -> None:
    e_E = embedding(net.eval(), voices(1, seconds)[0])
    assert e_E.isfinite().all() and e_E.norm().item() == pytest.approx(1, abs=1e-5)


@NETS
def test_silence_and_a_tone_give_finite_numbers(net: Voice) -> None:
    tone = torch.sin(torch.arange(16_000) * 2 * torch.pi * 440 / 16_000)
    assert embedding(net.eval(), torch.zeros(16_000)).isfinite().all()
    assert embedding(net.eval(), tone).isfinite().all()


def test_the_course_shape() -> None:
    net = SiameseGRU()
    assert net.spectrum(voices()).shape[1] == 513
    assert net.recurrent.bidirectional and net.recurrent.hidden_size == 256
    assert (net.head.in_features, net.head.out_features) == (512, 256)


def test_what_ships_leaves_the_speakers_out_and_says_the_same() -> None:
    net = SpeakerNet(classes=9, cohort=7).eval()
    for cohort_KE in (net.cohort_plain_KE, net.cohort_convolved_KE):
        cohort_KE.normal_(generator=torch.Generator().manual_seed(0))
    plain = net.exported()
    assert plain.classes == 0 and plain.direction_CE is None
    with torch.no_grad():
        e_BE = net(voices())
        assert torch.equal(plain(voices()), e_BE)
        assert torch.equal(plain.score(e_BE, e_BE), net.score(e_BE, e_BE))


def test_without_a_cohort_the_score_is_the_cosine() -> None:
    for net in (SiameseGRU().eval(), SpeakerNet().eval()):
        with torch.no_grad():
            e_BE = net(voices())
            assert torch.equal(net.score(e_BE, e_BE), e_BE @ e_BE.T)


def test_the_norm_by_hand() -> None:
    draw = torch.Generator().manual_seed(0)
    a, b, cohort = (torch.nn.functional.normalize(torch.randn(n, 6, generator=draw), dim=1) for n in (2, 3, 9))
    found = adaptive_norm(3 * a, b, cohort, 4)
    for i in range(2):
        for j in range(3):
            cosine = (a[i] @ b[j]).item()
            tops = [sorted((cohort @ v).tolist())[-4:] for v in (a[i], b[j])]
            expected = sum((cosine - statistics_of.mean(top)) / statistics_of.stdev(top) for top in tops) / 2
            assert found[i, j].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_score_is_shared_between_both_hearings_too(share: float) -> None:
    net = SpeakerNet(share=share, cohort=8, nearest=5).eval()
    for cohort_KE in (net.cohort_plain_KE, net.cohort_convolved_KE):
        cohort_KE.normal_(generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        m_BFN = net.spectrum(voices())
        e_BE, convolved_BE = net.embed(m_BFN), net.convolved(m_BFN)
        plain_BE = net.plain(statistics(m_BFN))
        expected = (1 - share) * adaptive_norm(convolved_BE, convolved_BE, net.cohort_convolved_KE, 5)
        expected += share * adaptive_norm(plain_BE, plain_BE, net.cohort_plain_KE, 5)
        assert torch.allclose(net.score(e_BE, e_BE), expected, atol=1e-3)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_cosine_is_shared_between_both_hearings(share: float) -> None:
    net = SpeakerNet(share=share).eval()
    with torch.no_grad():
        m_BFN = net.spectrum(voices())
        e_BE, convolved_BE = net.embed(m_BFN), net.convolved(m_BFN)
        plain_BE = torch.nn.functional.normalize((statistics(m_BFN) - net.mean_S) @ net.matrix_SE, dim=1)
    both = share * plain_BE @ plain_BE.T + (1 - share) * convolved_BE @ convolved_BE.T
    assert torch.allclose(e_BE @ e_BE.T, both, atol=1e-5)


def test_the_discriminant_agrees_with_scikit_learn() -> None:
    draw = torch.Generator().manual_seed(0)
    label = torch.arange(5).repeat_interleave(40)
    s_NS = torch.randn(5, 6, generator=draw)[label] + torch.randn(200, 6, generator=draw) * torch.arange(1, 7) / 3
    mean_S, matrix_SE = discriminant(s_NS, label, 4, shrinkage=0.0)
    rows = s_NS.double().numpy()
    theirs = torch.as_tensor(LinearDiscriminantAnalysis(solver="svd").fit(rows, label).transform(rows))
    ours = (s_NS - mean_S) @ matrix_SE
    scale = ((200 - 5) / 200) ** 0.5  # scikit-learn divides the covariance by n, not by its degrees of freedom
    assert torch.allclose(torch.cdist(ours, ours), scale * torch.cdist(theirs, theirs).float(), rtol=1e-3, atol=5e-3)


def test_the_discriminant_of_few_classes_is_padded() -> None:
    s_NS = torch.randn(12, 5, generator=torch.Generator().manual_seed(0))
    _, matrix_SE = discriminant(s_NS, torch.arange(12) % 3, 4)
    assert matrix_SE.shape == (5, 4) and matrix_SE.isfinite().all()
    assert (matrix_SE[:, 2:] == 0).all() and (matrix_SE[:, :2] != 0).all()
