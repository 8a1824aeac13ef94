"""Reviews as the hub has them, made by the project's grammar: some repeat, and one stands in both halves."""

from pathlib import Path

from signals.grammar import reviews

TRAIN, TEST = 200, 60


def write(root: Path) -> Path:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    made = [(f"{text}<br /><br />Seen &amp; judged.", label) for text, label in reviews(TRAIN + TEST, seed=1)]
    made[3] = made[5]
    made[TRAIN - 1] = made[7]
    made[TRAIN + 1] = made[9]
    folder = root / "hub" / "stanfordnlp" / "imdb" / "plain_text"
    folder.mkdir(parents=True, exist_ok=True)
    for split, rows in (("train", made[:TRAIN]), ("test", made[TRAIN:])):
        texts, labels = zip(*rows, strict=True)
        table = arrow.table({"text": list(texts), "label": list(labels)})
        parquet.write_table(table, folder / f"{split}-00000-of-00001.parquet")
    return root
