"""`adrenal_3d`: is an adrenal gland enlarged by hyperplasia? A net in three dimensions on its outline, 64³ voxels.

Classes weigh in inverse proportion while it learns; what that does to its probabilities is undone when it ships. The
averaged weights of the last step ship: 98 validation glands choose nothing. On a third of training and validation, 429
glands left out, one seed, an AUC known to ± .03, first tries were: a stride of 2 in place of the first pool .829 (24
epochs), the same on 64³ voxels, blocks of them as channels, .836 (20 epochs, its training AUC no higher than .87), and
this net but for its last convolution .840 (9 epochs). All learn more slowly than they overfit, so that small turns
were left out, which take longer than the net. `benchmarks/choices/adrenal.py` asks the same of every gland, in two
hours: mirrored from left to right only it gains .005 (−.007 to .017), in twice the epochs .007 (−.001 to .015).
"""

from functools import partial

from models.volume import VolumeNet
from training._recipe import Budget, Recipe
from training._steps import adamw
from training.data import medmnist
from training.tasks import classification, volumes

EPOCH = 74
"""Steps of 16 glands in which all of training passes once."""
EPOCHS = 24

recipe = Recipe(
    name="adrenal_3d",
    model=partial(VolumeNet, dropout=0.2, batch_norm=True),
    data=classification.with_class_weights(partial(medmnist.splits, "adrenalmnist3d", size=64)),
    source=medmnist.ADRENAL,
    optimizers=adamw(weight_decay=0.05),
    step=volumes.step,
    evaluate=partial(volumes.evaluate, classes=medmnist.ADRENAL_CLASSES),
    budget=Budget(steps=EPOCHS * EPOCH, batch_size=16, lr=3e-3, eval_every=EPOCHS * EPOCH),
    headline=volumes.AUC,
    averaging=0.995,
    export=VolumeNet.folded,
    complete=volumes.undo_weights,
    intervals=partial(volumes.intervals, classes=medmnist.ADRENAL_CLASSES),
    evidence=partial(volumes.evidence, classes=medmnist.ADRENAL_CLASSES, layers=VolumeNet.layers, probes=True),
)
