"""`vae_beta_16`: as `vae`, with sixteen times the pull towards the middle: the codes collapse."""

from training.recipes import vae

recipe = vae.with_beta("vae_beta_16", 16.0)
