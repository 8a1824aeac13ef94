"""`vae_beta_128`: as `vae`, pulled so hard that every code falls into one; ten epochs are more than it needs."""

from dataclasses import replace

from training.recipes import vae

collapsed = vae.with_beta("vae_beta_128", 128.0)
recipe = replace(collapsed, budget=replace(collapsed.budget, steps=10 * vae.EPOCH, eval_every=vae.EPOCH))
