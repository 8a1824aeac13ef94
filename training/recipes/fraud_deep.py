"""`fraud_deep`: as `fraud_plain`, through three layers to a code of eight."""

from training.recipes.fraud_denoising import autoencoder

recipe = autoencoder("fraud_deep", (64, 32, 8))
