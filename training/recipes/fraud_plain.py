"""`fraud_plain`: the plainest autoencoder: one hidden layer, half as wide as a payment has numbers."""

from training.recipes.fraud_denoising import autoencoder

recipe = autoencoder("fraud_plain", (14,))
