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
# # Train, measure, ablate, and test a claim
#
# The paper claims of a ReLU network's first layer that neurons with little mutual information with the class can be
# ablated at less cost than neurons drawn at random. You ablate, and find out whether networks of your own bear it out.
#
# Replace each `raise NotImplementedError()` by your code. Every cell that says `course.check…` tells what is right so
# far; the last one looks only when the assignment is graded.

# %% given="networks"
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

setting = rp.paper_setting(
    "mnist-5k", activation="relu", regularizer="dropout", epochs=10, seed=7
)
results = nl.run(setting, networks=8, layers=["1", "2"])
curves = {
    layer: nl.accuracy(curves.to_dataset())
    for layer, curves in results["curves"].items()
}
curves["1"]

# %% [markdown]
# Eight networks have been trained and ablated; `curves` holds accuracies by network, order and number of ablated
# neurons.
#
# ## 1. What ablation does
#
# Write it once yourself, for a network's last hidden layer: from the layer's `outputs` (sample, neuron), the `weights`
# (neuron, label) and `biases` (label) of the output layer, the `labels` and an `order` of the neurons, the accuracy as
# a fraction after none, one, two, … and all neurons put out zero.


# %% answer="curve"
def curve(outputs, weights, biases, labels, order):
    """Accuracy after each number of ablated neurons: an array with one entry more than there are neurons."""
    ### BEGIN SOLUTION
    remaining = outputs.copy()
    accuracies = []
    for step in range(len(order) + 1):
        remaining[:, order[:step]] = 0
        predicted = (remaining @ weights + biases).argmax(axis=1)
        accuracies.append((predicted == labels).mean())
    return np.array(accuracies)
    ### END SOLUTION


# %% check="check_curve" points=5
report = rp.course.check_curve(curve)
print(report)
report.points

# %% [markdown]
# ## 2. The gap to random ablation
#
# `ordered` holds the accuracy of each network with some neurons ablated in the order of a measure; `random` the
# accuracies with as many ablated at random, by network and random order.


# %% answer="gap"
def gap(ordered, random):
    """Mean over networks of what ordered ablation leaves beyond the network's own random ablations."""
    ### BEGIN SOLUTION
    return (ordered - random.mean(axis=1)).mean()
    ### END SOLUTION


# %% check="check_gap" points=2
report = rp.course.check_gap(gap)
print(report)
report.points

# %% [markdown]
# ## 3. Could it be chance?
#
# Write a two-sided test of the hypothesis that ordered and random ablation do equal harm. Any test that suits will do;
# mind what the independent observations are. The same accuracies give the same p-value each time, so seed what you draw.


# %% answer="p_value"
def p_value(ordered, random):
    """Two-sided p-value; arguments as above."""
    ### BEGIN SOLUTION
    from scipy.stats import wilcoxon

    return wilcoxon(ordered - random.mean(axis=1)).pvalue
    ### END SOLUTION


# %% check="check_p_value" points=5
report = rp.course.check_p_value(p_value)
print(report)
report.points

# %% [markdown]
# ## 4. The claim
#
# With 80 neurons ablated, lowest mutual information first: are these networks better off than with 80 neurons ablated
# at random, in layer 1 and in layer 2? Say "better" or "worse" if the p-value (Wilcoxon's signed-rank test, exact),
# adjusted for two tests by Holm's method, is below 0.05, else "unclear".

# %% answer="conclusion"
conclusion = {"1": None, "2": None}
### BEGIN SOLUTION
gaps, p_values = {}, {}
for layer, of_layer in curves.items():
    at = of_layer.sel(step=80)
    ordered = at.sel(order="mutual_information low").values
    random = at.isel(order=np.flatnonzero(at.measure == "random")).values
    gaps[layer], p_values[layer] = gap(ordered, random), p_value(ordered, random)
smaller, larger = sorted(p_values, key=p_values.get)
adjusted = {
    smaller: 2 * p_values[smaller],
    larger: max(2 * p_values[smaller], p_values[larger]),
}
for layer in conclusion:
    conclusion[layer] = (
        "unclear"
        if adjusted[layer] >= 0.05
        else "better"
        if gaps[layer] > 0
        else "worse"
    )
### END SOLUTION

# %% check="check_conclusion" points=2
# Looked at when graded.
### BEGIN HIDDEN TESTS
report = rp.course.check_conclusion(conclusion, curves, step=80)
print(report)
report.points
### END HIDDEN TESTS
