"""`fraud_random`: as `fraud_denoising`, split at random: it has seen the same minutes as those of test."""

from dataclasses import replace
from functools import partial

from training.data import creditcard
from training.recipes import fraud_denoising
from training.tasks import fraud

recipe = replace(
    fraud_denoising.recipe,
    name="fraud_random",
    data=partial(creditcard.splits, by="random"),
    source=replace(creditcard.SOURCE, split="at random, 60 / 20 / 20 %: a net that has seen the future"),
    evidence=fraud.evidence,
)
