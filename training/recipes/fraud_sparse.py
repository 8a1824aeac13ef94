"""`fraud_sparse`: a code wider than a payment, of which few numbers may speak (L1, Ng 2011)."""

from training.recipes.fraud_denoising import autoencoder

recipe = autoencoder("fraud_sparse", (64,), sparsity=0.02)
