"""The faults that are planted on purpose still fit the house, and the run that plants them tells the truth."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults import MUTANTS, Mutant
from tests.mutants import ROOT, Stale, main, planted, stale

HARMLESS = Mutant(
    "harmless: a word in a docstring",
    "metrics/intervals.py",
    '"""How sure we can be of a number',
    '"""How sure one can be of a number',
    ("tests/metrics/test_intervals.py",),
)


def test_no_mutant_has_gone_stale() -> None:
    troubles = stale(MUTANTS)
    assert not troubles, "\n".join(map(str, troubles))


def test_there_are_many_and_no_two_are_alike() -> None:
    assert len(MUTANTS) >= 30
    for same in (lambda m: m.name, lambda m: (m.file, m.text, m.instead)):
        assert [key for key, times in Counter(map(same, MUTANTS)).items() if times > 1] == []


def test_what_is_stale_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    gone = HARMLESS._replace(text="no such line", tests=("tests/metrics/test_nothing.py",))
    twice, moved = HARMLESS._replace(text="rounds"), HARMLESS._replace(file="metrics/nowhere.py")
    idle = HARMLESS._replace(instead=HARMLESS.text)
    assert not stale([HARMLESS])
    monkeypatch.setattr("tests.mutants.MUTANTS", (gone, twice, moved, idle))
    assert main([]) == 2 and main(["no such name"]) == 2
    said = capsys.readouterr().err
    assert said.count("this mutant has gone stale") == 3
    for sentence in (
        "finds, 0 times and not once in metrics/nowhere.py",
        "test_nothing.py, which is not there",
        "changes nothing",
        "There is no such mutant",
    ):
        assert sentence in said


def test_a_fault_is_planted_and_taken_out_again(tmp_path: Path) -> None:
    file = tmp_path / "house.py"
    file.write_text("door = 'shut'\n")
    (tmp_path / "test_house.py").touch()
    ajar = Mutant("the door is ajar", "house.py", "shut", "ajar", ("test_house.py",))
    with planted(ajar, tmp_path):
        assert file.read_text() == "door = 'ajar'\n"
        with pytest.raises(Stale, match="finds, 0 times"), planted(ajar, tmp_path):
            pass
    assert file.read_text() == "door = 'shut'\n"


SCRIPT = """
import sys
from tests import mutants
from tests.faults import Mutant

mutants.MUTANTS = {mutants}
sys.exit(mutants.main([]))
"""


@pytest.mark.slow
def test_a_run_of_three_of_which_one_is_harmless() -> None:
    """Two are noticed, each by a test of its own file, and what no test can notice is called alive."""
    swapped, in_samples = (
        next(m for m in MUTANTS if m.name == name)
        for name in ("Wilson: the ends swapped", "rhythm: R-R intervals in samples")
    )
    chosen = (swapped, in_samples, HARMLESS)
    before = [(ROOT / mutant.file).read_bytes() for mutant in chosen]
    script = SCRIPT.format(mutants=repr(chosen))
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    said = {mutant: re.search(rf"^{mutant.name} +[\d.]+ s  (.*)$", done.stdout, re.M) for mutant in chosen}
    found = [match.group(1) for match in said.values() if match]
    assert found[0].startswith("tests/metrics/test_intervals.py::test_")
    assert found[1].startswith("tests/signals/test_ecg_context.py::test_")
    assert found[2] == "LIVED: no test noticed"
    assert "\nplanted 3, noticed 2, in " in done.stdout
    assert before == [(ROOT / mutant.file).read_bytes() for mutant in chosen], "nothing is planted but in copies"
