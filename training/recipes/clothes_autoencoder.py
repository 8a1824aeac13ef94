"""`clothes_autoencoder`: the peer of `vae`: its encoder and decoder without noise, variance or KL."""

from training.recipes import vae

recipe = vae.with_beta("clothes_autoencoder", 0.0, is_variational=False)
