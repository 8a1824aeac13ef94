"""`sentiment_bilstm`: two LSTMs read a review, one from each end (Graves & Schmidhuber 2005)."""

from training.recipes.sentiment_lstm import recurrent

recipe = recurrent("sentiment_bilstm", "lstm", bidirectional=True)
