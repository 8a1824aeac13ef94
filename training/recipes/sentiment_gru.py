"""`sentiment_gru`: gated recurrent units read a review (Cho et al. 2014)."""

from training.recipes.sentiment_lstm import recurrent

recipe = recurrent("sentiment_gru", "gru")
