"""What ships of the data: small, licensed, parted as the whole is, enough for every net that a visitor trains."""

import csv
from pathlib import Path

import pytest

from demos import catalogue as tabs
from models.mlp import MLP
from training import DataMissing, Recipe, Run, _samples
from training.__main__ import main
from training.data import an4, at_hand, esc10, lgg_mri, librispeech, mitbih, mnist, samples
from training.data._root import SAMPLES, root

FILES = [path for path in SAMPLES.rglob("*") if path.is_file()]


def test_they_are_small() -> None:
    sizes = [path.stat().st_size for path in FILES]
    assert 20e6 < sum(sizes) <= 24e6 and max(sizes) <= 4e6


def test_each_source_has_its_licence_and_counts() -> None:
    rows = [line for line in (SAMPLES / "README.md").read_text().splitlines() if line.startswith("| `")]
    folders = [row.split("`")[1] for row in rows]
    assert all((SAMPLES / folder).exists() for folder in folders) and len(rows) == len(_samples.SOURCES)
    stray = [path for path in FILES if not any((SAMPLES / f) in (path, *path.parents) for f in folders)]
    assert stray == [SAMPLES / "README.md"]
    assert not any(cell.strip() == "" for row in rows for cell in row.strip("|").split("|"))
    notices = ("an4/LICENSE", "LibriSpeech/LICENSE.TXT", "esc10/README.md", "grocery/LICENSE", "lgg_mri/LICENSE")
    assert all((SAMPLES / notice).stat().st_size > 500 for notice in notices)


def test_no_noise_is_handed_on_that_may_not_be() -> None:
    with (SAMPLES / "noise" / "noise.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["file"]: row["licence"] for row in csv.DictReader(file)}
    found = {str(path.relative_to(SAMPLES / "noise")) for path in (SAMPLES / "noise").rglob("*.ogg")}
    assert found == set(rows) and set(rows.values()) <= set(_samples.FREE)


def test_nobody_stands_on_two_sides() -> None:
    with samples():
        digits, _, test_digits = ({x.numpy().tobytes() for x in arrays[0]} for arrays in mnist.splits())
        assert len(digits) > 5_000 and len(digits & test_digits) <= 2  # a few pictures of the whole are twins
        assert not set(an4.speakers("train")) & set(an4.speakers("test"))
        assert not set(librispeech.speakers("train-clean-100")) & set(librispeech.speakers("test-other"))
        sides = [set(lgg_mri.patients(name)) for name in lgg_mri.FILES]
        assert sum(map(len, sides)) == len(set.union(*sides)) == 38
        assert {clip.fold for clip in esc10.clips()} == {1, 2, 3, 4, 5}
        held = [mitbih.at_hand_of(part) for part in (mitbih.TRAIN, mitbih.VALID, mitbih.TEST)]
        assert all(held) and sorted(sum(held, ())) == sorted(_samples.RECORDS)


@pytest.mark.data
@pytest.mark.slow
def test_the_command_cuts_just_these(tmp_path: Path) -> None:
    if not (root() / "grocery").exists():
        pytest.skip(f"the whole data is not below WAVELENS_DATA ({root()})")
    assert main(["samples", "--from", str(root()), "--to", str(tmp_path / "cut")]) == 0
    cut = {p.relative_to(tmp_path / "cut"): p.read_bytes() for p in (tmp_path / "cut").rglob("*") if p.is_file()}
    assert cut == {path.relative_to(SAMPLES): path.read_bytes() for path in FILES}


def test_no_other_folder_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["samples", "--from", str(tmp_path), "--to", str(tmp_path)]) == 1
    assert "not a folder of samples" in capsys.readouterr().err and (tmp_path / "thesis.txt").exists()


def test_the_whole_first_then_the_samples(mnist_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = at_hand(mnist.splits)
    assert not whole.sampled and len(whole.value.test[0]) == 1_000
    monkeypatch.setenv("WAVELENS_DATA", str(mnist_root / "nothing"))
    assert at_hand(mnist.splits).sampled
    with samples():
        assert at_hand(mnist.splits).sampled
    with pytest.raises(DataMissing):
        mnist.splits()  # a command never falls back


def test_what_neither_has_is_missing(no_data: Path) -> None:
    from training.data import crc_cells

    with pytest.raises(DataMissing, match="research on request"):
        at_hand(crc_cells.splits)


def test_a_run_on_samples_learns_and_writes_no_card(recipe: Recipe[MLP], checkpoints: Path) -> None:
    run = at_hand(lambda: Run(recipe)).value
    assert not run.sampled  # blobs are made, wherever
    with samples():
        run = Run(recipe)
    assert run.sampled and list(run)
    with pytest.raises(ValueError, match="no card is written"):
        run.save()
    assert not checkpoints.exists()


TRAINED = {r.name: r for demo in tabs().values() for r in demo.recipes[:1]}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_every_tabs_net_takes_a_step_without_data(name: str, no_data: Path) -> None:
    run = at_hand(lambda: Run(TRAINED[name])).value
    assert run.sampled and next(iter(run)).step >= 1
