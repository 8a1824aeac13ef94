"""`vae_beta_4`: as `vae`, with four times the pull towards the middle (Higgins et al. 2017)."""

from training.recipes import vae

recipe = vae.with_beta("vae_beta_4", 4.0)
