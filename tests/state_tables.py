"""Groups of one-bit neurons as tables of states and labels, for tests."""

import itertools

import numpy as np


def states(size):
    return np.array(list(itertools.product((0, 1), repeat=size)))


def function_of(bits, labels):
    """Each state once, with the label that follows from it."""
    counts = np.zeros((len(bits), max(labels) + 1), dtype=np.int64)
    counts[np.arange(len(bits)), labels] = 1
    return counts
