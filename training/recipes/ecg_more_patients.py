"""`ecg_more_patients`: `ecg` with two further databases to learn from, 153 records more, many of them rich in S beats.

The four validation records of MIT-BIH are held out. They can be had where there is a network; here it is not trained.
"""

from dataclasses import replace
from functools import partial

from training.data import beats, incartdb, mitbih, svdb
from training.recipes import ecg

RECORDS = mitbih.TRAIN + svdb.RECORDS + incartdb.RECORDS

recipe = replace(
    ecg.recipe,
    name="ecg_more_patients",
    data=partial(beats.in_rhythm, train=RECORDS),
    source=replace(
        mitbih.SOURCE,
        title=f"{mitbih.SOURCE.title}, {svdb.SOURCE.title}, {incartdb.SOURCE.title}",
        split=f"{mitbih.SOURCE.split}; to train also all of {svdb.SOURCE.address} and {incartdb.SOURCE.address}",
        download="about 1 GB",
    ),
    budget=replace(ecg.recipe.budget, steps=4 * ecg.STEPS, eval_every=ecg.STEPS // 2),
)
