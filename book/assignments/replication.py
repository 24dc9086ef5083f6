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
# # Find the faults of a replication
#
# A colleague has repeated an ablation study and got other results than the authors. These are four functions of the
# code, as they are. Each runs, each looks right, and each breaks a law that it ought to keep.
#
# For each: give an input on which the law is broken, and a mended function. The faults are those of published
# replications; the chapter on replications shows what each did to their conclusions.
#
# Replace each `raise NotImplementedError()` by your code. Every cell that says `course.check…` tells what is right so
# far.

# %% given="code"
import numpy as np

import neuronlib.reproduction as rp


def information(counts):
    """Information about the label in bits, from joint counts by value (rows) and label (columns)."""
    joint = counts / counts.sum()
    of_label = joint.sum(axis=0)
    total = 0.0
    for p in joint.sum(axis=1):
        total += -p * np.log2(p) if p > 0 else 0.0
    for column, p_label in zip(joint.T, of_label, strict=True):
        for p in column[column > 0]:
            total += -p * np.log2(p / p_label)
    return total


def ranking(counts):
    """Neurons by entropy, largest first, from joint counts by neuron, value and label."""
    p = counts.sum(axis=2) / counts.sum(axis=(1, 2))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        entropies = -(p * np.log2(p)).sum(axis=1)
    return np.argsort(entropies)[::-1]


def replacement(outputs):
    """What a neuron puts out once it is ablated to its mean, by sample."""
    return outputs * (outputs > 0).mean()


def nesting(neurons, seed):
    """The neurons ablated at random at step 0, 1, … up to all of them."""
    draw = np.random.default_rng(seed)
    return [
        draw.choice(neurons, size=size, replace=False) for size in range(neurons + 1)
    ]


# %% [markdown]
# ## 1. Information
#
# The law: $0 \le I(T;Y) \le \min(H(T), H(Y))$. Give joint counts, as an array of value by label, that break it.

# %% answer="information_example"
information_example = None
### BEGIN SOLUTION
information_example = np.array([[5, 5], [5, 5]])
### END SOLUTION

# %% check="check_information_example" points=1
report = rp.course.check_counterexample("information", information, information_example)
print(report)
report.points


# %% answer="mended_information"
def mended_information(counts):
    """Information about the label in bits."""
    ### BEGIN SOLUTION
    joint = counts / counts.sum()
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    return (joint[there] * np.log2(joint[there] / apart[there])).sum()
    ### END SOLUTION


# %% check="check_mended_information" points=2
report = rp.course.check_repair("information", mended_information)
print(report)
report.points

# %% [markdown]
# ## 2. Ranking
#
# The law: no neuron stands before one of larger entropy. Give joint counts, as an array of neuron by value by label,
# that break it.

# %% answer="ranking_example"
ranking_example = None
### BEGIN SOLUTION
dead, coin = [[5, 5], [0, 0]], [[2, 3], [3, 2]]
ranking_example = np.array([dead, coin])
### END SOLUTION

# %% check="check_ranking_example" points=1
report = rp.course.check_counterexample("ranking", ranking, ranking_example)
print(report)
report.points


# %% answer="mended_ranking"
def mended_ranking(counts):
    """Neurons by entropy, largest first."""
    ### BEGIN SOLUTION
    p = counts.sum(axis=2) / counts.sum(axis=(1, 2))[:, None]
    entropies = -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=1)
    return np.argsort(entropies)[::-1]
    ### END SOLUTION


# %% check="check_mended_ranking" points=2
report = rp.course.check_repair("ranking", mended_ranking)
print(report)
report.points

# %% [markdown]
# ## 3. Replacement
#
# The law: a neuron ablated to its mean puts out the mean of its outputs, whatever the sample. Give outputs by sample
# that break it.

# %% answer="replacement_example"
replacement_example = None
### BEGIN SOLUTION
replacement_example = np.array([0.0, 4.0])
### END SOLUTION

# %% check="check_replacement_example" points=1
report = rp.course.check_counterexample("replacement", replacement, replacement_example)
print(report)
report.points


# %% answer="mended_replacement"
def mended_replacement(outputs):
    """What a neuron puts out once it is ablated to its mean, by sample."""
    ### BEGIN SOLUTION
    return np.full(len(outputs), outputs.mean())
    ### END SOLUTION


# %% check="check_mended_replacement" points=2
report = rp.course.check_repair("replacement", mended_replacement)
print(report)
report.points

# %% [markdown]
# ## 4. Nesting
#
# The law: a neuron once ablated stays ablated. Give a number of neurons and a seed, as a pair, that break it.

# %% answer="nesting_example"
nesting_example = None
### BEGIN SOLUTION
nesting_example = (5, 0)
### END SOLUTION

# %% check="check_nesting_example" points=1
report = rp.course.check_counterexample("nesting", nesting, nesting_example)
print(report)
report.points


# %% answer="mended_nesting"
def mended_nesting(neurons, seed):
    """The neurons ablated at random at step 0, 1, … up to all of them."""
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(neurons)
    return [order[:size] for size in range(neurons + 1)]
    ### END SOLUTION


# %% check="check_mended_nesting" points=2
report = rp.course.check_repair("nesting", mended_nesting)
print(report)
report.points
