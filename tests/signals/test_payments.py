"""A visitor's own payments: any order of columns, and a sentence for whatever is no table of them."""

from pathlib import Path

import pytest
import torch

from signals import payments
from signals.payments import FEATURES, read

HEADER = ",".join(FEATURES)
ROW = ",".join(["0.5"] * 28 + ["12.30"])


def file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "payments.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_columns_come_in_any_order(tmp_path: Path) -> None:
    names = ["Class", "Time", *reversed(FEATURES)]
    text = "\ufeff" + ",".join(f' "{n}"' if n == "V1" else n for n in names).replace(' "V1"', "V1") + "\r\n"
    text += ",".join(["1", "7", "9.5", *map(str, range(28, 0, -1))]) + "\r\n\r\n"
    found = read(file(tmp_path, text))
    assert found.x_BD.tolist() == [[*range(1, 29), 9.5]] and found.label_B is not None and found.label_B.tolist() == [1]


def test_without_a_truth_there_are_no_labels(tmp_path: Path) -> None:
    found = read(file(tmp_path, f"{HEADER}\n{ROW}\n{ROW}"))
    assert found.label_B is None and torch.equal(found.x_BD[0], found.x_BD[1])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        (HEADER, "is empty"),
        ("Time,Class\n1,0", "lacks the columns V1, V2, V3 and 26 more"),
        (f"{HEADER.replace('V7,', '')}\n{ROW}", "lacks the columns V7. It needs"),
        (f"{HEADER}\n{ROW.replace('12.30', 'much')}", "Line 2 has “much” in the column Amount"),
        (f"{HEADER}\n{ROW}\n{ROW.replace('0.5', 'nan', 1)}", "Line 3 has “nan” in the column V1"),
        (f"{HEADER}\n{ROW.replace('0.5', 'inf', 1)}", "“inf” in the column V1"),
        (f"{HEADER}\n{ROW.replace('0.5', '1e30', 1)}", "“1e30” in the column V1"),
        (f"{HEADER}\n0.5,0.5", "nothing in the column V3"),
        (f"{HEADER}\n{ROW.replace('12.30', '-1')}", "negative Amount"),
        (f"{HEADER},Class\n{ROW},2", "only hold 0"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "not a table"),
        (f"{HEADER}\n" + '"' + 200_000 * "x", "not a table"),
    ],
)
def test_whatever_is_no_table_of_payments_is_told(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(file(tmp_path, text))


def test_there_is_a_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "MAX_ROWS", 3)
    assert len(read(file(tmp_path, "\n".join([HEADER, *3 * [ROW]]))).x_BD) == 3
    with pytest.raises(ValueError, match="more than 3 payments"):
        read(file(tmp_path, "\n".join([HEADER, *4 * [ROW]])))
