"""The made-up reviews: in the splits they were counted for, no text on two sides, nearly every word known."""

from signals.text import UNKNOWN
from training.data import made_up_reviews


def test_they_are_split_as_counted() -> None:
    splits = made_up_reviews.splits()
    assert tuple(len(part[0]) for part in splits) == made_up_reviews.COUNTS
    sides = [{tuple(row) for row in part[0].tolist()} for part in splits]
    assert not sides[0] & sides[2] and not sides[0] & sides[1]
    for id_BT, length_B, label_B in splits:
        assert abs(int(label_B.sum()) - len(label_B) // 2) <= 1 and length_B.min() >= 2
        assert (id_BT == UNKNOWN).sum() < 0.01 * length_B.sum()
