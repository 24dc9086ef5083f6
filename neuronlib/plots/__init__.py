"""Figures of curves and of neurons."""
