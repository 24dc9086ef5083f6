"""Removing neurons for good, by criteria of the literature, with or without compensation."""
