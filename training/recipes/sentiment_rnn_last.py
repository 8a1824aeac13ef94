"""`sentiment_rnn_last`: the plain recurrent net as the course work had it: only its last state answers."""

from training.recipes.sentiment_lstm import recurrent

recipe = recurrent("sentiment_rnn_last", "rnn", pooling="last")
