"""`mri_dense_unet`: FLAIR from the scan before contrast agent, by squared error."""

from functools import partial

from models.dense_unet import DenseUNet
from training._recipe import Budget, Recipe, reduced_on_plateau
from training._steps import adamw
from training.data import lgg_mri
from training.tasks import translation

recipe = Recipe(
    name="mri_dense_unet",
    model=partial(DenseUNet),
    data=lgg_mri.to_flair,
    source=lgg_mri.SOURCE,
    optimizers=adamw(weight_decay=1e-3),
    step=partial(translation.step, loss=translation.LOSSES["mse"]),
    evaluate=translation.evaluate,
    budget=Budget(steps=3584, batch_size=8, lr=2e-3, eval_every=112),
    headline=translation.PSNR_HEAD,
    schedule=reduced_on_plateau,
    averaging=0.99,
    export=DenseUNet.folded,
    intervals=translation.intervals,
    evidence=translation.evidence,
)
