"""`vae_beta_16`: as `vae`, with sixteen times the pull towards the middle: neighbours blur into one another."""

from training.recipes import vae

recipe = vae.with_beta("vae_beta_16", 16.0)
