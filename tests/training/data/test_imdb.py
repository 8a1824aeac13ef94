"""IMDB as the hub has it: two official halves, a block to validate, and no text on two sides."""

import shutil
from pathlib import Path

import pytest
import torch

from signals.text import FIRST, LONGEST, Vocabulary, words
from tests.layouts.imdb import TEST, TRAIN
from training import DataDamaged, DataMissing
from training.data import imdb, samples


def test_the_last_tenth_validates_and_no_text_stands_on_two_sides(small_root: Path) -> None:
    raw = imdb.official("train")
    train, valid, test = imdb.parts()
    assert len(raw) == TRAIN and (len(valid.texts), len(test.texts)) == (TRAIN // 10, TEST)
    assert valid.texts == [words(text) for text, _ in raw[-TRAIN // 10 :]]
    sides = [{" ".join(text) for text in part.texts} for part in (train, valid, test)]
    assert not sides[0] & sides[1] and not sides[0] & sides[2]
    assert len(train.texts) == TRAIN - TRAIN // 10 - 2, "one stood in validation, one in test"
    assert valid.label_B.tolist() == [label for _, label in raw[-TRAIN // 10 :]]


def test_markup_is_gone(small_root: Path) -> None:
    assert "br" not in {word for text in imdb.parts().train.texts for word in text}


def test_texts_become_ids_of_the_words_that_ship(small_root: Path) -> None:
    splits, found = imdb.splits(), imdb.parts()
    id_BT, length_B, label_B = splits.train
    assert id_BT.dtype == torch.int16 and id_BT.shape == (len(found.train.texts), LONGEST)
    assert length_B.tolist() == [len(text) for text in found.train.texts] and set(label_B.tolist()) == {0, 1}
    assert (id_BT != 0).sum(1).equal(length_B)


def test_its_own_words_are_those_of_what_trains(small_root: Path) -> None:
    known = imdb.own_vocabulary()
    counted = [word for text in imdb.parts().train.texts for word in text]
    assert all(counted.count(word) >= imdb.LEAST for word in known.words)
    id_BT = imdb.own_words().train[0]
    first = imdb.parts().train.texts[0]
    assert [known.word(i) or None for i in id_BT[0, : len(first)].tolist()] == [
        word if word in known.words else None for word in first
    ]


def test_a_tenth_is_a_tenth_of_each(small_root: Path) -> None:
    whole, tenth = imdb.parts(), imdb.parts(one_in=10)
    assert all(few.texts == all_.texts[::10] for few, all_ in zip(tenth, whole, strict=True))
    assert [len(part[0]) for part in imdb.splits(one_in=10)] == [len(part.texts) for part in tenth]


def test_a_long_text_is_read_at_its_ends() -> None:
    known = Vocabulary(tuple(f"w{i}" for i in range(500)))
    part = imdb.Reviews([list(known.words)], torch.tensor([1]))
    (id_BT, length_B, _), *_ = imdb.encoded(known, imdb.Parts(part, part, part))
    assert length_B.tolist() == [400] and id_BT[0, [0, 127, 128, 399]].tolist() == [
        FIRST + i for i in (0, 127, 228, 499)
    ]


def test_there_are_no_samples_of_it() -> None:
    with samples(), pytest.raises(DataMissing, match="stanfordnlp/imdb"):
        imdb.splits()


def test_a_damaged_file_is_named(small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(small_root / "hub" / imdb.REPOSITORY, tmp_path / "hub" / imdb.REPOSITORY)
    (tmp_path / "hub" / imdb.REPOSITORY / imdb.FILES["test"]).write_bytes(b"PAR1")
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    with pytest.raises(DataDamaged, match="Delete it and run the command again"):
        imdb.parts()
