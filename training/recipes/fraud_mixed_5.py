"""`fraud_mixed_5`: as `fraud_denoising`, with five per cent of frauds among the payments that it takes for normal."""

from dataclasses import replace
from functools import partial

from training.data import creditcard
from training.recipes import fraud_denoising
from training.tasks import fraud

recipe = replace(
    fraud_denoising.recipe,
    name="fraud_mixed_5",
    data=partial(creditcard.splits, mixed_in=0.05),
    evidence=fraud.evidence,
)
