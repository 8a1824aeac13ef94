"""Who is it, without a browser: enrolled, found, not found, forgotten."""

from dataclasses import replace

import pytest

from demos._ui.nets import Net
from demos.voices import identity
from demos.voices.figures import NOBODY
from demos.voices.nets import OURS
from models.speaker import Voice
from tests.demos.voices.sounds import ADA, ADA_TOO, DAN


def test_enrol_identify_forget(net: Net[Voice]) -> None:
    first = identity.enrol(OURS, net, None, ADA, "  Ada <b> ")
    both = identity.enrol(OURS, net, first.enrolled, DAN, "Dan")
    assert both.enrolled.names == ["Ada <b>", "Dan"] and "Ada &lt;b&gt;" in both.members
    assert "2 of at most 8" in both.members and both.atlas.count('class="wl-voices-known"') == 2
    found = identity.identify(OURS, net, both.enrolled, ADA, -1)
    assert "<b>Ada &lt;b&gt;</b>" in found.answer and 'class="wl-voices-asked"' in found.atlas
    unknown = identity.identify(OURS, net, both.enrolled, ADA_TOO, 1.01)
    assert "<b>Unknown</b>" in unknown.answer and "Nobody reaches" in unknown.answer
    again = identity.enrol(OURS, net, both.enrolled, ADA_TOO, "Dan")
    assert again.enrolled.names == both.enrolled.names and "2 recordings" in again.members
    assert identity.forget() == (None, NOBODY, "")


def test_what_cannot_be_enrolled_or_asked(net: Net[Voice]) -> None:
    with pytest.raises(ValueError, match="Give the voice a name"):
        identity.enrol(OURS, net, None, ADA, "  ")
    with pytest.raises(ValueError, match="The recording is empty"):
        identity.enrol(OURS, net, None, None, "Ada")
    with pytest.raises(ValueError, match="Nobody is enrolled yet"):
        identity.identify(OURS, net, None, None, 0.5)
    enrolled = identity.enrol(OURS, net, None, ADA, "Ada").enrolled
    with pytest.raises(ValueError, match="another net"):
        identity.identify(OURS, replace(net, key="own 2"), enrolled, ADA, 0.5)
