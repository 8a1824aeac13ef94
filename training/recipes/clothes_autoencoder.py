"""`clothes_autoencoder`: the peer of `vae`: the same encoder and decoder without noise, without variance, without KL."""

from training.recipes import vae

recipe = vae.with_beta("clothes_autoencoder", 0.0, is_variational=False)
