"""What Fraud draws: frauds mixed in, the two ways to split, one's own payments."""

import torch

from demos.fraud import figures
from demos.fraud.nets import Scored, by_split, cards
from signals.payments import Payments


def test_the_mark_goes_with_the_slider() -> None:
    none, much = figures.mixed_text(cards(), 0.0), figures.mixed_text(cards(), 4.6)
    assert "0 % frauds among" in none and "5 % frauds among" in much and none.count("wl-fraud-span") == 6
    assert "python -m training fit" in figures.mixed_text({}, 1.0)


def test_both_splits_stand_side_by_side_with_the_course_work() -> None:
    text = figures.split_text(by_split())
    assert text.index("split by time") < text.index("split at random") and figures.COURSE_WORK in text
    assert figures.COURSE_WORK in figures.split_text({})


def test_the_oddest_of_ones_own_payments_come_first() -> None:
    x_BD = torch.zeros(12, 29)
    x_BD[4, 13], x_BD[4, -1] = -8.5, 1234.5
    score_B = torch.arange(12.0)
    score_B[4] = 50
    text = figures.scored_text(Scored(Payments(x_BD, None), score_B, 10.0, None))
    assert ">3</b>" in text and "raise an alarm" in text and "area under" not in text
    assert text.index("row 5<") < text.index("row 12<") and "1,234.50 €" in text and "V14 −8.5" in text
    assert text.count("<tr>") == 1 + figures.SHOWN
    assert "0.750" in figures.scored_text(Scored(Payments(x_BD, None), score_B, 10.0, 0.75))


def test_the_card_on_the_home_page_has_dots_of_both_kinds() -> None:
    text = figures.card_picture(torch.rand(50) + 0.1, torch.arange(50) % 5 == 0)
    assert "wl-fraud-bad" in text and "wl-fraud-good" in text
