"""`vae_beta_quarter`: as `vae`, with a quarter of the pull towards the middle."""

from training.recipes import vae

recipe = vae.with_beta("vae_beta_quarter", 0.25)
