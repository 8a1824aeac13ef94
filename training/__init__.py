"""One loop, one file per source of data, one file per checkpoint."""

from training._recipe import (
    Arrays,
    Budget,
    Metric,
    Metrics,
    Optimizers,
    Recipe,
    Source,
    Splits,
    Step,
)
from training._run import Best, Progress, Run, SnapshotDamaged, TrainingDiverged
from training._steps import fast
from training._table import RESULTS, over_seeds, peers
from training.data._root import DataDamaged, DataMissing
from training.recipes import catalogue, find

__all__ = [
    "RESULTS",
    "Arrays",
    "Best",
    "Budget",
    "DataDamaged",
    "DataMissing",
    "Metric",
    "Metrics",
    "Optimizers",
    "Progress",
    "Recipe",
    "Run",
    "SnapshotDamaged",
    "Source",
    "Splits",
    "Step",
    "TrainingDiverged",
    "catalogue",
    "fast",
    "find",
    "over_seeds",
    "peers",
]
