"""The sheets: what Gradio makes of them is what they say."""

import re
from pathlib import Path

import pytest

from demos._ui.shell import STYLES


@pytest.mark.parametrize("sheet", STYLES, ids=lambda sheet: sheet.parent.name)
def test_no_selector_has_a_comma_within_parentheses(sheet: Path) -> None:
    """Gradio splits selectors at every comma, also inside `:is(a, b)`: both halves break, and outweigh all classes."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
    torn = [s for s in re.findall(r"([^{}]*)\{", text) if re.search(r":(is|where|not|has)\([^)]*,", s)]
    assert not torn, f"write the list out: {torn}"
