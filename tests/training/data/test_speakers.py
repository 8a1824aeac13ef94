"""Voices as data: splits by whole speakers, every pair a trial, and what the files' names tell."""

from pathlib import Path

import pytest
import torch

from signals.audio import load, to_int16
from training import DataMissing
from training.data import an4, esc10, speakers
from training.data._root import root


@pytest.fixture
def real_voices() -> None:
    """Skips, by name, where AN4 or LibriSpeech is not at hand."""
    missing = [name for name in ("an4", "LibriSpeech") if not (root() / name).exists()]
    if missing:
        pytest.skip(f"{missing[0]} is not below WAVELENS_DATA ({root()})")


def test_speakers_are_held_out_whole(small_root: Path) -> None:
    train, valid, _ = (speakers.utterances(part) for part in ("train", "valid", "test"))
    assert not {u.path for u in train} & {u.path for u in valid}
    spoken = [u for u in valid if u.corpus == speakers.AN4]
    assert [u.path.parent.name for u in spoken[::3]] == sorted(an4.speakers("train"))[:: speakers.EVERY]
    assert not {u.path.parent for u in train} & {u.path.parent for u in valid}
    assert len({u.speaker for u in train}) == 20 + 54 and min(u.speaker for u in train) == 0
    assert len({u.speaker for u in valid}) == 4 + 6 and all(u.pieces == 1 for u in train)


def test_who_has_one_recording_and_validates_has_it_cut_in_two(small_root: Path) -> None:
    read = [u for u in speakers.utterances("valid") if u.corpus == speakers.LIBRISPEECH]
    assert len(read) == 2 * len({u.speaker for u in read}) == 2 * len({u.path for u in read}) == 12
    first, second = read[:2]
    whole = to_int16(load(first.path))[0]
    both = torch.cat([first.wave(), second.wave()])
    assert first.speaker == second.speaker and torch.equal(both, whole[: len(both)]) and len(whole) - len(both) <= 1


def test_splits_are_aligned_and_padded_with_silence(small_root: Path) -> None:
    for x_NT, length_N, *facts in speakers.splits():
        assert x_NT.dtype == torch.int16 and x_NT.shape[1] == length_N.max()
        assert all(len(fact) == len(x_NT) for fact in facts)
        row = int(length_N.argmin())
        assert x_NT[row, : length_N[row]].abs().max() > 1000 and not x_NT[row, length_N[row] :].any()


def test_every_pair_is_a_trial_once() -> None:
    a_P, b_P, same_P = speakers.trials(torch.tensor([4, 4, 4, 9, 9]))
    assert len(a_P) == 10 and (a_P < b_P).all() and int(same_P.sum()) == 3 + 1
    assert len(set(zip(a_P.tolist(), b_P.tolist(), strict=True))) == 10


@pytest.mark.data
def test_the_real_trials(real_voices: None) -> None:
    test = speakers.utterances("test")
    counts = {}
    for corpus in speakers.CORPORA.values():
        same_P = speakers.trials(torch.tensor([u.speaker for u in test if u.corpus == corpus])).same_P
        counts[corpus] = int(same_P.sum()), int((~same_P).sum())
    assert counts == {
        speakers.AN4: (780, 7_605), speakers.LIBRISPEECH: (150, 1_620), speakers.SYNTHETIC: (100, 1_125)
    }  # fmt: skip
    assert {u.sex for u in test if u.corpus == speakers.AN4} == {0, 1}
    valid = {u.speaker for u in speakers.utterances("valid")}
    assert len(valid) == 11 + 25 and len({u.speaker for u in speakers.utterances("train")}) == 63 + 226


def test_missing_voices_name_the_folder(no_data: Path) -> None:
    with pytest.raises(DataMissing, match="nothing/an4"):
        speakers.utterances("test")


def test_noises_are_those_of_the_training_folds(small_root: Path) -> None:
    assert speakers.noises().shape == (10 * (1 + 2 + 2), 5 * 16_000)
    files = [clip.path for clip in esc10.clips() if clip.fold in (1, 2, 3)]
    for row, file in zip(speakers.noises(), files, strict=True):
        heard_T = to_int16(load(file))[0][: len(row)]
        assert torch.equal(row[: len(heard_T)], heard_T) and not row[len(heard_T) :].any()
