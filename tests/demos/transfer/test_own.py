"""A head on one's own pictures: what was sent is looked through, and each picture is told by a head without it."""

import time
from typing import Any

import pytest
import torch
from PIL import Image

from demos.transfer import own, own_tab
from demos.transfer.own import MOST_PICTURES, unpack
from metrics.intervals import wilson
from models import ridge
from signals import image
from tests.demos.transfer.made import address, content, photograph, sent


def test_what_was_sent_becomes_kinds_and_pictures() -> None:
    lesson = unpack(sent(3))
    assert lesson.kinds == ("plum", "lime") and [p.kind for p in lesson.pictures] == [0, 0, 0, 1, 1, 1]
    assert lesson.pictures[0].x_3HW.shape == (3, 200, 200) and not lesson.problems and not lesson.advice


def test_one_kind_and_one_picture_are_told_what_is_missing() -> None:
    assert "Add some pictures" in unpack(None).advice
    assert "One picture is there" in unpack(sent(1, ("plum",))).advice
    assert "All 4 pictures are of one kind, “plum”" in unpack(sent(4, ("plum",))).advice
    answer = own_tab.teach(sent(2, ("plum",)), None)
    assert "Add a second kind" in answer.words and answer.map == ""


def test_a_broken_file_among_nine_good_ones_is_named_and_the_nine_count() -> None:
    given = sent(5)
    given["pictures"][3]["src"] = address(content(photograph("plum", 3))[:900])
    lesson = unpack(given)
    assert len(lesson.pictures) == 9 and lesson.kinds == ("plum", "lime")
    (problem,) = lesson.problems
    assert problem.startswith("plum3.jpg was left out:") and "broken" in problem
    assert "plum3.jpg" in own_tab.teach(given, None).words


def test_the_same_picture_in_two_kinds_teaches_neither_and_twice_in_one_counts_once() -> None:
    given = sent(3)
    given["pictures"].append(given["pictures"][0] | {"kind": 1, "name": "again.jpg"})
    given["pictures"].append(given["pictures"][4] | {"name": "copy.jpg"})
    lesson = unpack(given)
    assert len(lesson.pictures) == 5 and [p.kind for p in lesson.pictures].count(0) == 2
    assert any("again.jpg is in “plum” and in “lime”" in problem for problem in lesson.problems)
    assert any("copy.jpg is there twice" in problem for problem in lesson.problems)
    given["pictures"].append(given["pictures"][0] | {"name": "third.jpg"})
    assert len(unpack(given).pictures) == 5, "a third copy does not bring it back"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": "plum"},
        {"kinds": [1, 2]},
        {"kinds": ["a"] * 10},
        {"kinds": ["a"], "pictures": [{}] * (MOST_PICTURES + 1)},
    ],
)
def test_what_is_no_such_list_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no list of kinds|At most"):
        unpack(wrong)


def test_junk_among_pictures_is_named_and_left_out() -> None:
    given = sent(2)
    given["pictures"] += [
        7,
        {"kind": True, "src": 3},
        {"kind": 0, "name": "a/b.txt", "src": "data:image/png;base64,%%"},
    ]
    lesson = unpack(given)
    assert len(lesson.pictures) == 4 and len(lesson.problems) == 3
    assert lesson.problems[2].startswith("b.txt was left out:")
    large = address(content(Image.new("L", (4000, 4000)), "PNG"))
    assert "4,000 × 4,000" in unpack({"kinds": ["a"], "pictures": [{"kind": 0, "name": "x", "src": large}]}).problems[0]
    small = address(content(photograph("sky", 0, side=20)))
    assert "20 × 20" in unpack({"kinds": ["a"], "pictures": [{"kind": 0, "name": "x", "src": small}]}).problems[0]


def test_names_tell_kinds_apart_and_empty_kinds_are_none() -> None:
    given = sent(2, ("plum", "lime", "sky"))
    given["kinds"] = ["a cup", " a  cup ", ""]
    assert unpack(given).kinds == ("a cup", "a cup (2)", "Kind 3")
    given["pictures"] = [p for p in given["pictures"] if p["kind"] != 1]
    lesson = unpack(given)
    assert lesson.kinds == ("a cup", "Kind 3") and {p.kind for p in lesson.pictures} == {0, 1}


def test_the_head_is_what_leaving_one_out_says_it_is() -> None:
    lesson = unpack(sent(4))
    known = own.features(lesson.pictures, {})
    head = own.solve(lesson, known, time.perf_counter())
    without = 2
    rest = [i for i in range(8) if i != without]
    again = ridge.solve_with(head.x_ND[rest], head.label_N[rest], 2, head.ridge.penalty)
    assert head.left_out[without] == int(again.scores(head.x_ND[without : without + 1]).argmax())
    assert head.right >= 7 and head.interval == wilson(head.right / 8, 8)
    words = own_tab.teach(sent(4), known).words
    assert (
        f"{head.right} of 8" in words and f"{100 * head.interval.low:.0f} to {100 * head.interval.high:.0f} %" in words
    )


def test_the_backbone_is_asked_about_new_pictures_only(monkeypatch: pytest.MonkeyPatch) -> None:
    lesson, asked = unpack(sent(2)), []
    known = own.features(lesson.pictures[:3], {})
    monkeypatch.setattr(
        own.transfer, "features", lambda net, x, layers: asked.append(len(x)) or [torch.zeros(len(x), 3)]
    )
    again = own.features(lesson.pictures, known)
    assert asked == [1] and len(again) == 4
    assert own.features(lesson.pictures[:1], again).keys() == {lesson.pictures[0].digest}, "what is gone is forgotten"


def test_one_of_each_makes_a_head_that_nothing_can_check() -> None:
    words = own_tab.teach(sent(1), None).words
    assert "nothing to check it by" in words and "when left out:" not in words


def test_a_new_picture_is_told_and_one_unlike_all_is_doubted() -> None:
    given = sent(4)
    given["tried"] = {"name": "new.jpg", "src": address(content(photograph("lime", 99)))}
    answer = own_tab.teach(given, None)
    assert "<h3>lime</h3>" in answer.tried
    strange = image.from_rgb((255 * torch.rand(3, 200, 200, generator=torch.Generator().manual_seed(0))).byte())
    given["tried"]["src"] = address(content(strange))
    assert "unlike all of them" in own_tab.teach(given, answer.known).tried
    given["tried"] = {"name": "text.jpg", "src": "data:image/jpeg;base64,AAAA"}
    with pytest.raises(ValueError, match="not a picture"):
        own_tab.teach(given, answer.known)


def test_an_example_comes_from_what_ships(no_data: Any) -> None:
    lesson = unpack(own_tab.fill_example())
    assert lesson.kinds == own.ALIKE and len(lesson.pictures) == 15 and not lesson.problems
