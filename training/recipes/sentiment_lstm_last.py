"""`sentiment_lstm_last`: the LSTM as the course work had it: only its last state answers."""

from training.recipes.sentiment_lstm import recurrent

recipe = recurrent("sentiment_lstm_last", "lstm", pooling="last")
