"""`vae_beta_0`: as `vae`, with no pull at all towards the middle: an autoencoder that is free to stop adding noise."""

from training.recipes import vae

recipe = vae.with_beta("vae_beta_0", 0.0)
