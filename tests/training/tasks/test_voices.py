"""What voices are taught by, on closed forms; trials counted; the half that is computed; what is kept for the tab."""

import pytest
import torch
import torch.nn.functional as F

from metrics.detection import eer
from models.speaker import SpeakerNet
from training.data import an4, speakers
from training.tasks import voices
from training.tasks.voices import (
    additive_margin,
    bootstrap_eer,
    contrastive,
    prototypical,
    split_trials,
)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_contrastive_loss_by_hand() -> None:
    e_BE = torch.tensor([[1.0, 0], [0, 1], [1, 0]])
    assert contrastive(e_BE, torch.tensor([0, 1, 0])).item() == 0
    assert contrastive(e_BE, torch.tensor([0, 0, 1])).item() == pytest.approx(1 + (0.7**2) / 2)


def test_the_margin_makes_the_right_answer_harder() -> None:
    direction = torch.eye(3)
    e_BE, label = F.normalize(torch.tensor([[1.0, 0.2, 0.1]]), dim=1), torch.tensor([0])
    plain = F.cross_entropy(30 * e_BE @ direction.T, label)
    assert additive_margin(e_BE, direction, label, margin=0.0).item() == pytest.approx(plain.item(), rel=1e-4)
    cosine = e_BE[0, 0].acos()
    widened = torch.cat([(cosine + 0.2).cos()[None], e_BE[0, 1:]])
    expected = F.cross_entropy(30 * widened[None], label)
    assert additive_margin(e_BE, direction, label, margin=0.2).item() == pytest.approx(expected.item(), rel=1e-4)


def test_prototypes_leave_the_voice_itself_out() -> None:
    e_BE = F.normalize(torch.randn(5, 8, generator=generator()), dim=1)
    label = torch.tensor([0, 0, 1, 1, 2])
    expected = []
    for i in range(4):
        logits = []
        for speaker in range(3):
            others = [j for j in range(5) if label[j] == speaker and j != i]
            logits.append(15 * e_BE[i] @ F.normalize(e_BE[others].sum(0), dim=0))
        expected.append(F.cross_entropy(torch.stack(logits)[None], label[i][None]))
    assert prototypical(e_BE, label).item() == pytest.approx(torch.stack(expected).mean().item(), rel=1e-4)


def test_scores_and_their_interval() -> None:
    speaker = torch.arange(6).repeat_interleave(4)
    e_NE = F.normalize(torch.eye(6)[speaker] + 0.05 * torch.randn(24, 6, generator=generator()), dim=1)
    same, different = split_trials(e_NE @ e_NE.T, speaker)
    assert (len(same), len(different)) == (36, 240) and eer(same, different) == 0
    interval = bootstrap_eer(e_NE @ e_NE.T, speaker, rounds=50)
    assert (interval.low, interval.high, interval.n) == (0, 0, 6)


def test_a_speaker_drawn_twice_is_not_compared_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = torch.arange(3).repeat_interleave(2)
    cosine_NN = torch.arange(36.0).reshape(6, 6)
    seen = []
    monkeypatch.setattr(voices, "eer", lambda same, different: seen.append((same, different)) or 0.0)
    monkeypatch.setattr(voices, "bootstrap", lambda units, statistic, rounds: statistic([0, 0, 2]))
    bootstrap_eer(cosine_NN, speaker)
    same, different = seen[0]
    assert same.tolist() == [1.0, 1.0, 29.0]
    assert sorted(different.tolist()) == sorted(2 * [4.0, 5.0, 10.0, 11.0])


def test_metrics_of_a_split_keep_the_corpora_apart() -> None:
    speaker = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    corpus = torch.tensor(6 * [speakers.AN4] + 4 * [speakers.LIBRISPEECH])
    assert voices.an4_recordings((speaker, speaker, speaker, corpus)) == 6
    sex = torch.tensor([0, 0, 0, 0, 1, 1, -1, -1, -1, -1])
    cosine = torch.where(speaker[:, None] == speaker[None], 0.9, 0.1)
    cosine[0:2, 2:4] = 0.95  # two women whom the net takes for one
    cosine[:6, 6:] = 1.0  # never a trial
    found = voices.metrics_of_scores(cosine, (speaker, speaker, speaker, corpus, sex))
    assert found["eer_librispeech"] == 0 and "eer_synthetic" not in found
    assert found["eer_same_sex"] == pytest.approx(1.0) and 0 < found["eer"] < 0.5


def test_the_closed_form_tells_the_training_speakers_apart(small_root: object) -> None:
    net, splits = SpeakerNet(share=1.0).eval(), speakers.splits()
    an4 = tuple(t[splits.train[3] == speakers.AN4] for t in splits.train)
    voices.fit_discriminant(net, splits)
    assert voices.evaluate(net, an4)["eer"] < 0.05
    assert net.matrix_SE.isfinite().all() and net.mean_S.abs().max() > 0


def test_the_cohort_is_the_training_speakers(small_root: object) -> None:
    splits = speakers.splits()
    cohort = int(splits.train[2].max()) + 1
    net = SpeakerNet(share=0.5, channels=16, cohort=cohort).eval()
    voices.gather_cohort(net, splits)
    for cohort_KE in (net.cohort_plain_KE, net.cohort_convolved_KE):
        assert cohort_KE.norm(dim=1).tolist() == pytest.approx([1] * cohort, abs=2e-3)
    row = int((splits.train[3] == speakers.LIBRISPEECH).nonzero()[0])  # of whom there is one recording
    own = voices.embeddings(net, tuple(t[row : row + 1] for t in splits.train))[0]
    whole_KE = torch.cat([net.cohort_plain_KE, net.cohort_convolved_KE], dim=1)
    assert (whole_KE @ own).argmax() == splits.train[2][row]
    assert (net.score(own[None], own[None]) > 1).all()


def test_evidence_keeps_scores_and_no_voice(small_root: object) -> None:
    splits = speakers.splits()
    found = voices.evidence(SpeakerNet().eval(), splits)
    assert found["score_an4"].shape == (40 * 39 // 2,) and found["score_librispeech"].shape == (30 * 29 // 2,)
    assert found["score_synthetic"].shape == (50 * 49 // 2,) and found["map"].shape == (120, 2)
    first = next(iter(an4.speakers("test").values()))[0]
    assert bytes(found["name"][0].tolist()).rstrip(b"\0").decode() == first.stem
    assert all(t.ndim < 2 or t.shape[-1] != SpeakerNet().embedding + SpeakerNet().statistics for t in found.values())


def test_the_threshold_is_where_both_errors_are_equal_on_validation(small_root: object) -> None:
    net, valid = SpeakerNet(channels=16).eval(), speakers.splits().valid
    at, score_NN = voices.threshold(net, valid), voices.similarities(net, valid)
    same, different = [], []
    for corpus in (speakers.AN4, speakers.LIBRISPEECH):
        at_N = (valid[3] == corpus).nonzero().flatten()
        for kind, score_P in zip((same, different), split_trials(score_NN[at_N][:, at_N], valid[2][at_N]), strict=True):
            kind.append(score_P)
    accepted, rejected = (torch.cat(different) >= at).double().mean(), (torch.cat(same) < at).double().mean()
    assert abs(accepted - rejected) <= 1 / len(torch.cat(same))
