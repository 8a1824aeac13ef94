"""`adrenal_projections`: of the glands of `adrenal_3d` three shadows, the mean along each axis, and a net in 2-D.

Each shadow goes through the same convolutions. All but the net is `adrenal_3d`'s, so that what differs is what is seen.
"""

from training.recipes.adrenal_slice import flat

recipe = flat("adrenal_projections", "projections")
