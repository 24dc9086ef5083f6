"""Chapters as notebooks, and the book that they make."""
