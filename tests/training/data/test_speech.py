"""Mixtures are always the same ones, parted by speaker and by fold, and have the ratios that they say."""

from pathlib import Path

import pytest
import torch

from metrics.sound import snr_db
from signals.audio import load
from training import DataDamaged, DataMissing, Splits
from training.data import esc10, everyday, librispeech, mixtures, voicebank
from training.data._root import root


@pytest.fixture
def small(small_root: Path) -> Splits:
    return mixtures.splits()


def test_shapes_and_types(small: Splits) -> None:
    speech_BT, noise_BT = small.train
    assert speech_BT.shape == (len(noise_BT), 48_000) and noise_BT.shape[1] == 80_000
    assert speech_BT.dtype == noise_BT.dtype == torch.int16 and noise_BT.any(1).all()
    noisy_BT, clean_BT, snr_db_B, kind_B, speaker_B = small.test
    assert noisy_BT.shape == clean_BT.shape == (120, 64_000)
    assert {len(t) for t in (snr_db_B, kind_B, speaker_B)} == {120}
    assert len(small.valid) == 3 and small.valid[0].shape[1] == 48_000


def test_half_of_validation_is_narrow_and_in_noise_of_kinds_that_train_has_none_of(small: Splits) -> None:
    noisy_BT, _, set_B = small.valid
    assert set_B.bincount().tolist() == [len(set_B) // 2] * 2
    top_B = torch.fft.rfft(noisy_BT)[:, -1000:].abs().mean(1)
    assert (top_B[set_B == 1] < 1e-2).all() and (top_B[set_B == 0] > 1e-2).any()
    kinds = [[noise.kind for noise in everyday.recordings(part)] for part in ("train", "valid", "test")]
    assert kinds == [["street"], ["dryer"], ["cafe", "wind"]]


@pytest.mark.data
def test_what_is_for_research_only_is_not_trained_with() -> None:
    if not (root() / "noise").exists():
        pytest.skip(f"the everyday noises are not below WAVELENS_DATA ({root()})")
    licences = (root() / "noise" / "noise.csv").read_text().splitlines()
    closed = {line.split(",")[0] for line in licences if "research" in line}
    trained = {str(noise.path.relative_to(root() / "noise")) for noise in everyday.recordings("train")}
    assert len(closed) == 100 and trained and not trained & closed


def test_another_root_holds_other_data(small: Splits, no_data: Path) -> None:
    with pytest.raises(DataMissing):
        mixtures.splits()


def test_ratios_kinds_and_speakers_are_balanced(small: Splits) -> None:
    noisy_BT, clean_BT, snr_db_B, kind_B, speaker_B = small.test
    assert torch.allclose(snr_db(clean_BT, noisy_BT).float(), snr_db_B, atol=0.01)
    cells = torch.stack([kind_B, (snr_db_B / 5).long() + 1])
    assert cells.unique(dim=1, return_counts=True)[1].tolist() == 40 * [3]
    assert len(speaker_B.bincount().unique()) == 1


def test_the_list_is_fixed(small: Splits) -> None:
    mixtures._mixed.cache_clear()
    assert all(torch.equal(a, b) for a, b in zip(small.test, mixtures.splits().test, strict=True))


def test_noises_that_are_left_out_are_only_left_out_of_training(small: Splits) -> None:
    without = mixtures.splits(without=mixtures.UNHEARD)
    assert len(without.valid[0]) == len(small.valid[0]) * 8 // 10
    assert torch.equal(without.test[0], small.test[0])
    heard = {mixtures.KINDS[kind] for _, kind in mixtures._noises("train")}
    assert heard == set(mixtures.KINDS)
    banned = [mixtures.to_int16(x) for x, kind in mixtures._noises("train") if mixtures.KINDS[kind] in mixtures.UNHEARD]
    assert not any((row == noise).all() for row in without.train[1] for noise in banned)


def test_no_speaker_is_on_both_sides(small_root: Path) -> None:
    for books in (True, False):
        train, valid = ({r.speaker for r in mixtures._speakers(part, books=books)} for part in ("train", "valid"))
        assert train and valid and not train & valid


def test_no_noise_is_on_two_sides(small_root: Path) -> None:
    for part, folds in {"train": (1, 2, 3), "valid": (4,), "test": (5,)}.items():
        files = [clip.path for clip in sorted(esc10.clips(), key=lambda c: (c.kind, c.path)) if clip.fold in folds]
        heard = [x_T for x_T, _ in mixtures._noises(part)]
        for x_T, read_T in zip(heard, map(load, files), strict=True):
            length = min(len(x_T), len(read_T))
            assert torch.equal(x_T[:length], read_T[:length]) and not x_T[length:].any()


def test_long_recordings_are_cut_and_short_rests_dropped() -> None:
    x_T = torch.ones(3 * 16_000 + 15_999)
    assert len(mixtures.pieces([mixtures.Recording(x_T, "a")])) == 1
    rows = mixtures.pieces([mixtures.Recording(torch.ones(3 * 16_000 + 16_000), "a"), mixtures.Recording(x_T[:5], "b")])
    assert rows.bool().sum(1).tolist() == [48_000, 16_000, 5]


def test_voicebank_in_its_own_layout(small_root: Path) -> None:
    assert [pair.speaker for pair in voicebank.pairs("test")] == 3 * ["p232"] + 3 * ["p257"]
    splits = voicebank.splits()
    speech_BT, noise_BT = splits.train
    assert speech_BT.shape == noise_BT.shape == (8, 48_000)  # two of the speakers validate
    assert noise_BT.float().std() / 32767 == pytest.approx(0.05 / 3**0.5, rel=0.25)  # a third of the band is left
    noisy_BT, clean_BT, snr_db_B, kind_B, speaker_B = splits.test
    assert noisy_BT.shape == (6, 64_000) and speaker_B.tolist() == [0, 0, 0, 1, 1, 1] and (kind_B == -1).all()
    assert torch.allclose(snr_db(clean_BT, noisy_BT).float(), snr_db_B)
    assert len(splits.valid) == 2 and len(splits.valid[0]) == 6


def test_a_voicebank_with_a_sentence_missing_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.layouts import voicebank as layout

    monkeypatch.setenv("WAVELENS_DATA", str(layout.write(tmp_path)))
    (tmp_path / "VoiceBank-DEMAND" / "noisy_testset_wav" / "p232_001.wav").unlink()
    with pytest.raises(DataDamaged, match=r"do not hold the same sentences\. Delete both"):
        voicebank.pairs("test")


def test_a_missing_voicebank_names_its_source(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"clean_testset_wav is not here.*datashare\.ed\.ac\.uk"):
        voicebank.pairs("test")


@pytest.mark.data
def test_the_real_noises_and_books() -> None:
    if not (root() / "esc10").exists() or not (root() / "LibriSpeech" / "test-other").exists():
        pytest.skip(f"ESC-10 or LibriSpeech is not below WAVELENS_DATA ({root()})")
    clips = esc10.clips()
    assert len(clips) == 400 and {clip.kind for clip in clips} == set(mixtures.KINDS)
    assert len(librispeech.speakers("test-other")) == 10
