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
# # Design a measure of importance
#
# Which neurons of a layer can go? KL selectivity is the measure that the paper proposes. Make a better one.
#
# You get a layer's `outputs` (sample, neuron) on validation samples, the `labels` (sample) and the weights that leave
# it, `outgoing` (neuron, next neuron), and give a number for each neuron; neurons go in the order of these numbers,
# smallest first, and put out zero from then on. In which order samples and neurons stand must not matter. What counts
# is the accuracy that is left on test samples, averaged over all numbers of ablated neurons.
#
# Try as much as you like on the setting in `course.DEVELOPMENT`. When the assignment is graded, your measure meets
# networks of other settings, which you will not have looked at: it is called thirty times, for which all together it has
# five minutes.

# %% given="imports"
import numpy as np

import neuronlib.reproduction as rp

# %% [markdown]
# ## 1. The measure


# %% answer="importance"
def importance(outputs, labels, outgoing):
    """How important each neuron of a layer is: the least important goes first."""
    ### BEGIN SOLUTION
    # After ThiNet (Luo, Wu, Lin 2017): next goes the neuron that changes least, together with all that are gone, what
    # the layer adds to the next. change[i, j] is the inner product of what i and j add.
    change = (outputs.T @ outputs) * (outgoing @ outgoing.T)
    place = np.zeros(len(change))
    so_far = np.zeros(len(change))
    left = list(range(len(change)))
    for step in range(len(change)):
        gone = left.pop(int(np.argmin(2 * so_far[left] + change[left, left])))
        place[gone] = step
        so_far += change[gone]
    return place
    ### END SOLUTION


# %% check="check_importance" points=4
report = rp.course.check_importance(importance)
print(report)
report.points

# %% [markdown]
# ## 2. Against KL selectivity, on the setting for development

# %% given="contest"
gains = rp.course.contest(importance, rp.course.DEVELOPMENT)
print(rp.course.check_contest(gains))

# %% [markdown]
# ## 3. Against KL selectivity, elsewhere

# %% check="check_contest" points=6
# Looked at when graded: two points for each of three settings.
### BEGIN HIDDEN TESTS
report = rp.course.check_contest(rp.course.contest(importance, rp.course.HELD_OUT))
print(report)
report.points
### END HIDDEN TESTS
