"""Cumulative ablation: orders, accuracies, and tests against random ablation."""
