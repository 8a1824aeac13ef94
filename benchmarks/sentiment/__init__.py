"""Reviews of films: what the recurrent nets are measured beside."""
