"""The memory of the real server while pages fill its bounds, and then are forgotten: `benchmarks.budget`, small."""

from pathlib import Path

import pytest

from benchmarks import _wire, budget
from benchmarks._server import serving

IDLE_S = 6
HELD = "from demos._ui.limits import MIB; sessions.HELD_BYTES = 100 * MIB;"


@pytest.mark.slow
def test_pages_fill_their_bound_and_no_more_and_all_is_given_back(tmp_path: Path) -> None:
    started = budget.STARTED.format(idle=IDLE_S, more=HELD)
    log = tmp_path / "log"
    with serving("-c", started, log=log, WAVELENS_DATA="", WAVELENS_TRAINING="off") as server:
        measuring = budget.measured(server, [budget.picture()], pages=14, idle_s=IDLE_S, trains_every=0)
        found, refused = _wire.run(measuring)
    assert not refused and "Traceback" not in log.read_text()
    assert found["most"] - found["once"] < 500, "one answer takes some 600 MiB for a moment; what pages keep is bounded"
    assert found["after"] - found["loaded"] < 100
