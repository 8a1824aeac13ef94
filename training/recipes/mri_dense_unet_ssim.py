"""`mri_dense_unet_ssim`: FLAIR from the scan before contrast agent, by structural similarity; fewer, slower steps."""

from functools import partial

from models.dense_unet import DenseUNet
from training._recipe import Budget, Recipe, reduced_on_plateau
from training._steps import adamw
from training._translation import LOSSES, evaluate, evidence, intervals, translating
from training.data import lgg_mri

recipe = Recipe(
    name="mri_dense_unet_ssim",
    model=partial(DenseUNet),
    data=lgg_mri.to_flair,
    source=lgg_mri.SOURCE,
    optimizers=adamw(weight_decay=1e-3),
    step=partial(translating, loss=LOSSES["ssim"]),
    evaluate=evaluate,
    budget=Budget(steps=2240, batch_size=8, lr=2e-3, eval_every=112),
    headline="psnr_db_head",
    schedule=reduced_on_plateau,
    averaging=0.99,
    export=DenseUNet.folded,
    intervals=intervals,
    evidence=evidence,
)
