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


@pytest.mark.parametrize("sheet", STYLES, ids=lambda sheet: sheet.parent.name)
def test_no_selector_within_a_media_query_begins_at_the_container(sheet: Path) -> None:
    """Gradio puts `.gradio-container … .contain` before it there, and keeps no other copy: it would never match."""
    text = sheet.read_text(encoding="utf-8")
    queries = re.findall(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)", text)
    lost = [query for query in queries if ".gradio-container" in query or ":root" in query or ".dark" in query]
    assert not lost, f"within @media, begin with what stands in the page: {lost}"
