"""What voices are taught by: pieces and disguises that keep their promises, losses on closed forms, trials counted."""

import math

import pytest
import torch
import torch.nn.functional as F

from metrics.detection import eer
from models.speaker import SpeakerNet
from training.data import an4, speakers
from training.tasks import voices
from training.tasks.voices import (
    additive_margin,
    augment_channel,
    bootstrap_eer,
    contrastive,
    crops,
    prototypical,
    spec_augment,
    split_trials,
)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def tone(hz: float, seconds: float) -> torch.Tensor:
    t = torch.arange(int(seconds * 16_000)) / 16_000
    return (20_000 * torch.sin(2 * math.pi * hz * t)).to(torch.int16)


def loudest_hz(x_T: torch.Tensor) -> float:
    return torch.fft.rfft(x_T).abs().argmax().item() * 16_000 / len(x_T)


def test_a_piece_is_a_piece_of_the_utterance() -> None:
    x_BT = torch.arange(2 * 40_000).reshape(2, 40_000).remainder(30_000).to(torch.int16)
    pieces = crops(x_BT, torch.tensor([40_000, 10_000]), generator(), seconds=1.0)
    assert pieces.shape == (2, 16_000)
    steps = (pieces * 32_767).round().diff()
    assert ((steps == 1) | (steps < -1)).all(), "samples follow one another, and a short one is repeated"


@pytest.mark.parametrize(("speed", "hz"), [(10, 1000), (9, 900), (11, 1100)])
def test_speed_moves_the_pitch(speed: int, hz: float) -> None:
    x_BT = tone(1000, 3.0)[None]
    piece = crops(x_BT, torch.tensor([48_000]), generator(), seconds=1.5, speed_B=torch.tensor([speed]))
    assert loudest_hz(piece[0]) == pytest.approx(hz, abs=2)


def test_disguises_stay_within_their_bounds(small_root: object) -> None:
    x_BT = torch.randn(6, 16_000, generator=generator())
    filtered = augment_channel(x_BT, generator(), noise_share=0.0, filter_db=6.0)
    gain_db = 20 * (torch.fft.rfft(filtered).abs() / torch.fft.rfft(x_BT).abs()).log10()
    assert gain_db.abs().max() < 6.01 and gain_db.abs().max() > 2
    assert torch.allclose(augment_channel(x_BT, generator(), noise_share=0.0, filter_db=0.0), x_BT, atol=1e-4)
    noise = augment_channel(x_BT, generator(), noise_share=1.0, filter_db=0.0) - x_BT
    snr_db = 10 * (x_BT.square().mean(1) / noise.square().mean(1)).log10()
    silent = snr_db > 100  # a recording is silent where nothing was to be heard
    assert (snr_db > 4.9).all() and (snr_db[~silent] < 25.1).all() and (~silent).any()


def test_blanks_are_no_wider_than_asked_for() -> None:
    m_BFN = spec_augment(torch.ones(16, 64, 100), generator(), bands=8, frames=20)
    bands, frames = (m_BFN == 0).all(2).sum(1), (m_BFN == 0).all(1).sum(1)
    assert 0 < bands.max() <= 8 and 0 < frames.max() <= 20


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
    sex = torch.tensor([0, 0, 0, 0, 1, 1, -1, -1, -1, -1])
    cosine = torch.where(speaker[:, None] == speaker[None], 0.9, 0.1)
    cosine[0:2, 2:4] = 0.95  # two women whom the net takes for one
    cosine[:6, 6:] = 1.0  # never a trial
    found = voices.metrics_of_scores(cosine, (speaker, speaker, speaker, corpus, sex))
    assert found["eer_librispeech"] == 0
    assert found["eer_same_sex"] == pytest.approx(1.0) and 0 < found["eer"] < 0.5


def test_the_closed_form_tells_the_training_speakers_apart(small_root: object) -> None:
    net, splits = SpeakerNet(share=1.0).eval(), speakers.splits()
    an4 = tuple(t[splits.train[3] == speakers.AN4] for t in splits.train)
    voices.fit_discriminant(net, splits)
    assert voices.evaluate(net, an4)["eer"] < 0.05
    assert net.matrix_SE.isfinite().all() and net.mean_S.abs().max() > 0


def test_evidence_keeps_scores_and_no_voice(small_root: object) -> None:
    splits = speakers.splits()
    found = voices.evidence(SpeakerNet().eval(), splits)
    assert found["score_an4"].shape == (40 * 39 // 2,) and found["score_librispeech"].shape == (30 * 29 // 2,)
    assert found["map"].shape == (70, 2)
    first = next(iter(an4.speakers("test").values()))[0]
    assert bytes(found["name"][0].tolist()).rstrip(b"\0").decode() == first.stem
    assert all(t.ndim < 2 or t.shape[-1] != SpeakerNet().embedding + SpeakerNet().statistics for t in found.values())


def test_what_is_known_is_like_the_training_and_unlike_noise(small_root: object) -> None:
    splits = speakers.splits()
    known = voices.acquaintance(splits)
    # a Mahalanobis distance: over the recordings that it was fitted on, its mean is the number of directions
    held_out = splits.train[3] == speakers.LIBRISPEECH
    held_out &= torch.isin(torch.arange(len(held_out)), held_out.nonzero().flatten()[:: voices.HELD_OUT])
    fitted = voices.distances(voices.sound_statistics(splits.train)[~held_out], known)
    assert fitted.mean().item() == pytest.approx(voices.DIRECTIONS, rel=1e-3)
    noise_NT = (3_000 * torch.randn(3, 32_000, generator=generator())).short()
    noise = voices.sound_statistics((noise_NT, torch.full((3,), 32_000)))
    assert (voices.distances(noise, known) > known["known_limit"]).all() and len(known["distance"]) == 70
