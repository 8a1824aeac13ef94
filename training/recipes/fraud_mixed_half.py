"""`fraud_mixed_half`: as `fraud_denoising`, half a per cent of what it takes for normal being frauds."""

from dataclasses import replace
from functools import partial

from training.data import creditcard
from training.recipes import fraud_denoising
from training.tasks import fraud

recipe = replace(
    fraud_denoising.recipe,
    name="fraud_mixed_half",
    data=partial(creditcard.splits, mixed_in=0.005),
    evidence=fraud.evidence,
)
