# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Measures, by hand and in code
#
# A neuron's output is quantized to a few values, and each sample has a label.
# All that the measures see is a table of *joint counts*: how many samples with label $y$ (columns) give the neuron the
# value $t$ (rows).
# You work out three measures on paper, then write them, then ask how far they can be trusted.
#
# Replace each `raise NotImplementedError()` by your code. Every cell that says `course.check…` tells what is right so
# far; some facts are looked at only when the assignment is graded.

# %% given="imports"
import numpy as np

import neuronlib.reproduction as rp

# %% [markdown]
# ## 1. On paper
#
# Eight samples, two of each of four classes. One neuron is active for both samples of the first class and no others,
# another for one sample of the first class and no others:

# %% given="tables"
for name, counts in rp.course.BY_HAND.items():
    print(name, counts, sep="\n")

# %% [markdown]
# Give each neuron's entropy, its mutual information with the class, and its KL selectivity, in bits, to two decimals.
# Their formulas stand in section 2.

# %% answer="by_hand"
by_hand = {
    "one class": {"entropy": None, "mutual_information": None, "kl_selectivity": None},
    "half of one class": {
        "entropy": None,
        "mutual_information": None,
        "kl_selectivity": None,
    },
}
### BEGIN SOLUTION
by_hand = {
    "one class": {"entropy": 0.81, "mutual_information": 0.81, "kl_selectivity": 2.0},
    "half of one class": {
        "entropy": 0.54,
        "mutual_information": 0.29,
        "kl_selectivity": 0.60,
    },
}
### END SOLUTION

# %% check="check_by_hand" points=6
report = rp.course.check_by_hand(by_hand)
print(report)
report.points

# %% [markdown]
# ## 2. In code
#
# $$H(T) = -\sum_t p(t) \log_2 p(t), \qquad 0 \log 0 = 0$$


# %% answer="entropy"
def entropy(counts):
    """Entropy of a quantized neuron in bits, from joint counts by value (rows) and label (columns)."""
    ### BEGIN SOLUTION
    p = counts.sum(axis=1) / counts.sum()
    p = p[p > 0]
    return -(p * np.log2(p)).sum()
    ### END SOLUTION


# %% check="check_entropy" points=3
report = rp.course.check_entropy(entropy)
print(report)
report.points

# %% [markdown]
# $$I(T;Y) = \sum_{t,y} p(t,y) \log_2 \frac{p(t,y)}{p(t)\,p(y)}$$


# %% answer="mutual_information"
def mutual_information(counts):
    """Mutual information between a quantized neuron and the label in bits."""
    ### BEGIN SOLUTION
    p = counts / counts.sum()
    apart = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    there = p > 0
    return (p[there] * np.log2(p[there] / apart[there])).sum()
    ### END SOLUTION


# %% check="check_mutual_information" points=4
report = rp.course.check_mutual_information(mutual_information)
print(report)
report.points

# %% [markdown]
# $$\max_y D(P_{T|Y=y} \,\|\, P_T), \qquad D(P \,\|\, Q) = \sum_t P(t) \log_2 \frac{P(t)}{Q(t)}$$


# %% answer="kl_selectivity"
def kl_selectivity(counts):
    """KL selectivity of a quantized neuron in bits; every label has a sample."""
    ### BEGIN SOLUTION
    of_value = counts.sum(axis=1) / counts.sum()
    largest = 0.0
    for column in counts.T:
        p = column / column.sum()
        there = p > 0
        largest = max(largest, (p[there] * np.log2(p[there] / of_value[there])).sum())
    return largest
    ### END SOLUTION


# %% check="check_kl_selectivity" points=3
report = rp.course.check_kl_selectivity(kl_selectivity)
print(report)
report.points

# %% [markdown]
# The same functions on further tables, when the assignment is graded:

# %% check="drawn_entropy" points=2
# Looked at when graded.
### BEGIN HIDDEN TESTS
report = rp.course.check_measure_on_drawn_tables("entropy", entropy)
print(report)
report.points
### END HIDDEN TESTS

# %% check="drawn_mutual_information" points=2
# Looked at when graded.
### BEGIN HIDDEN TESTS
report = rp.course.check_measure_on_drawn_tables(
    "mutual_information", mutual_information
)
print(report)
report.points
### END HIDDEN TESTS

# %% check="drawn_kl_selectivity" points=2
# Looked at when graded.
### BEGIN HIDDEN TESTS
report = rp.course.check_measure_on_drawn_tables("kl_selectivity", kl_selectivity)
print(report)
report.points
### END HIDDEN TESTS

# %% [markdown]
# ## 3. How far can they be trusted?
#
# Draw labels for 50 samples out of ten classes, and a neuron that is active for each sample with probability one half,
# whatever its class. Its mutual information is zero. What does your function say on average, over 500 draws?

# %% answer="bias"
bias = None
### BEGIN SOLUTION
draw = np.random.default_rng(0)
estimates = []
for _ in range(500):
    counts = np.zeros((2, 10))
    np.add.at(counts, (draw.integers(0, 2, 50), draw.integers(0, 10, 50)), 1)
    estimates.append(mutual_information(counts))
bias = np.mean(estimates)
### END SOLUTION

# %% check="check_bias" points=2
report = rp.course.check_bias(bias)
print(report)
report.points
