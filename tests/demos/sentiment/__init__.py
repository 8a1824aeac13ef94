"""Tests of Sentiment."""
