"""St Petersburg INCART: 75 half-hours in twelve leads of 32 patients with ischaemia or arrhythmia, to learn from.

At 257 Hz; lead II is read, which is nearest to MIT-BIH's. A machine set the marks in the middle of the QRS; they are
moved to its tallest point (`training/data/_wfdb.py`).
"""

from training._recipe import Source
from training.data._wfdb import Database

SOURCE = Source(
    title="St Petersburg INCART 12-lead Arrhythmia Database",
    address="https://physionet.org/content/incartdb/1.0.0/",
    licence="ODC-BY 1.0",
    split="all 75 records to learn from",
    download="about 800 MB",
)
RECORDS = tuple(f"I{number:02}" for number in range(1, 76))
DATABASE = Database(folder="incartdb", source=SOURCE, records=RECORDS, lead="II")
