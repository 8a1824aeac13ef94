"""MIT-BIH Supraventricular Arrhythmia: 78 half-hours rich in early atrial beats (Greenwald 1990), to learn from.

Two leads at 128 Hz whose places nobody noted; the first is read.
"""

from training._recipe import Source
from training.data._wfdb import Database

SOURCE = Source(
    title="MIT-BIH Supraventricular Arrhythmia Database",
    address="https://physionet.org/content/svdb/1.0.0/",
    licence="ODC-BY 1.0",
    split="all 78 records to learn from",
    download="about 75 MB",
)
RECORDS = tuple(str(number) for number in (*range(800, 813), *range(820, 830), *range(840, 895)))
DATABASE = Database(folder="svdb", source=SOURCE, records=RECORDS, lead="ECG1")
