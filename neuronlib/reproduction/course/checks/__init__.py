"""Checks of the four assignments."""
