"""Card payments: split by time or at random, normal ones to train on, duplicates gone, each standing for real ones."""

from pathlib import Path

import pytest
import torch

from training import DataDamaged, DataMissing
from training.data import creditcard, samples
from training.data._root import root

HEADER = ",".join([*creditcard.FEATURES, "Class"])


def written(folder: Path, text: str, name: str = "creditcard_sample.csv") -> Path:
    (folder / "creditcard").mkdir(parents=True, exist_ok=True)
    (folder / "creditcard" / name).write_text(text, encoding="utf-8")
    return folder / "creditcard" / name


def row(value: float, label: int, *, quoted: bool = False) -> str:
    said = f"'{label}'" if quoted else str(label)
    return ",".join([*28 * [str(value)], "9.5", said])


def test_the_samples_are_split_by_time() -> None:
    with samples():
        train, valid, test = creditcard.splits()
        whole = creditcard.table()
    assert set(train[1].tolist()) == {0} and {*valid[1].tolist()} == {*test[1].tolist()} == {0, 1}
    assert train[2].max() <= valid[2].min() and valid[2].max() <= test[2].min()
    assert len(valid[1]) + len(test[1]) == pytest.approx(0.4 * len(whole.label_B), abs=2)
    real = whole.weight_B.sum().item()
    assert real == pytest.approx(creditcard.NORMALS + creditcard.FRAUDS, rel=1e-4)


def test_at_random_is_another_split_of_the_same_rows() -> None:
    with samples():
        by_time, at_random = creditcard.splits(), creditcard.splits(by="random")
    assert len(by_time.test[1]) == len(at_random.test[1])
    assert at_random.train[2].max() > by_time.train[2].max() and set(at_random.train[1].tolist()) == {0}


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_frauds_are_mixed_in_from_the_same_hours(share: float) -> None:
    with samples():
        plain, mixed = creditcard.splits(), creditcard.splits(mixed_in=share)
    assert mixed.train[1].float().mean().item() == pytest.approx(share, abs=0.002)
    assert mixed.train[2].max() <= plain.valid[2].min()
    assert all(torch.equal(a, b) for a, b in zip(mixed.test, plain.test, strict=True))


def test_duplicates_are_dropped_before_anything_is_split(no_data: Path) -> None:
    written(no_data, "\n".join([HEADER, row(1, 0), row(2, 1), row(1, 0), row(3, 0)]))
    assert creditcard.table().x_BD[:, 0].tolist() == [1, 2, 3]


def test_the_whole_table_goes_first_and_may_lack_times(no_data: Path) -> None:
    written(no_data, "\n".join([HEADER, row(1, 0)]))
    quoted = HEADER.replace("Class", '"Class"')
    written(no_data, "\n".join([quoted, row(5, 0), row(6, 1, quoted=True), row(4, 0)]), "creditcard.csv")
    table = creditcard.table()
    assert table.x_BD[:, 0].tolist() == [5, 6, 4], "in the order of its rows"
    assert table.seconds_B[[0, -1]].tolist() == [0, creditcard.SECONDS]


def test_what_is_no_such_table_is_damaged(no_data: Path) -> None:
    path = written(no_data, "a,b\n1,2\n")
    with pytest.raises(DataDamaged, match=path.name):
        creditcard.table()


def test_where_nothing_is_the_source_is_named(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"openml.org/d/1597"):
        creditcard.splits()


def test_it_is_fetched_from_openml_and_kept(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas
    import sklearn.datasets

    def fetched(**asked: object) -> object:
        assert asked["data_id"] == 1597
        rows = [dict.fromkeys(creditcard.FEATURES, float(i)) | {"Class": i % 2} for i in range(4)]
        frame = pandas.DataFrame(rows)
        return type("Bunch", (), {"frame": frame})

    monkeypatch.delenv("WAVELENS_OFFLINE", raising=False)
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetched)
    assert creditcard.table().label_B.tolist() == [0, 1, 0, 1]
    assert [p.name for p in (root() / "creditcard").iterdir()] == ["creditcard.csv"]
