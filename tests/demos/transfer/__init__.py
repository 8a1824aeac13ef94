"""Tests of Transfer learning."""
