"""The reproduction of the paper: its settings, stored results, claims, book, course and commands."""
