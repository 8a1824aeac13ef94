"""`fracture_3d`: which of three kinds a broken rib is, by a net in three dimensions on a piece of CT, 64³ voxels.

The course work's task. It was never trained here, where its data is not: nothing about it was chosen, all but the
number of classes is `adrenal_3d`'s, and no checkpoint ships.
"""

from dataclasses import replace
from functools import partial

from models.volume import VolumeNet
from training.data import medmnist
from training.recipes import adrenal_3d
from training.tasks import classification, volumes

EPOCH = 64
"""Steps of 16 fractures in which all of training passes once."""
EPOCHS = 30


def pairs_of_kinds(auc: float) -> str:
    """The mean over kinds of the area under the ROC curve, one against the rest, in words."""
    return f"puts {100 * auc:.0f} of 100 pairs, one of a kind and one of another, in the right order"


recipe = replace(
    adrenal_3d.recipe,
    name="fracture_3d",
    model=partial(VolumeNet, classes=len(medmnist.FRACTURE_CLASSES), dropout=0.2, batch_norm=True),
    data=classification.with_class_weights(partial(medmnist.splits, "fracturemnist3d", size=64)),
    source=medmnist.FRACTURE,
    evaluate=partial(volumes.evaluate, classes=medmnist.FRACTURE_CLASSES),
    budget=replace(adrenal_3d.recipe.budget, steps=EPOCHS * EPOCH, eval_every=EPOCH),
    headline=replace(volumes.AUC, words=pairs_of_kinds, chance="guessing: 50 of 100", floor=""),
    intervals=partial(volumes.intervals, classes=medmnist.FRACTURE_CLASSES),
    evidence=partial(volumes.evidence, classes=medmnist.FRACTURE_CLASSES, layers=VolumeNet.layers),
)
