"""The picker's value: a key for what is known, a picture for what is not."""

import pytest

from demos._ui.widgets.picker import Picked, picked, shown


@pytest.mark.parametrize(
    ("value", "found"),
    [(shown("data:x", "cat"), Picked("cat", "data:x")), (shown("data:x"), Picked("", "data:x")),
     ("data:x", Picked("", "data:x")), (None, None), ("", None), ({}, None),
     ({"key": None, "src": ""}, None), (7, None)],
)  # fmt: skip
def test_what_the_page_hands_over(value: object, found: Picked | None) -> None:
    assert picked(value) == found
