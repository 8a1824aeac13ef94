"""`sentiment_rnn`: a plain recurrent net reads a review, one state of tanh (Elman 1990)."""

from training.recipes.sentiment_lstm import recurrent

recipe = recurrent("sentiment_rnn", "rnn")
