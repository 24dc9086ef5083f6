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
# (sec-layers)=
# # What a whole layer says
#
# Does the shape of an ablation curve tell whether a layer is redundant or synergistic?
# {cite:t}`amjad2021` read curves so, and leave the proof to others:
# "An approximate PID, based on bounds and approximations, may be a computationally feasible way of validating the claims
# regarding synergy and redundancy made at the hand of information-ordered cumulative ablation" (Sec. VI).
# This chapter computes such an approximation for the paper's networks and sets it beside their curves.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - two numbers that say how redundant and how vulnerable the information of a group of neurons is,
# - what can be said of a whole layer, and what cannot,
# - which readings of ablation curves hold, and which do not.
#
# Reading time: about 15 minutes.
# ```

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k, mnist or fashion-mnist
networks: int = 50  # at most how many networks have curves; live: networks of each setting, at least 2
epochs: int = 2  # live: passes over the training samples
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
studies = rp.layer_studies(source, dataset, networks, epochs, device)
curves = rp.open_source(source, list(studies), networks, epochs, 2, dataset, device)
points = rp.points_of_layers({name: curves(name) for name in studies}, studies)

# %% [markdown]
# ## Two averages that need no decomposition
#
# A partial information decomposition (PID) divides what neurons $T = (T_1, \dots, T_n)$ say of the class $Y$ into
# atoms, such as what neuron 1 and neuron 2 both say.
# Many definitions compete, and the number of atoms explodes: four neurons have 166, five have 7579.
# {cite:t}`gutknecht2025` found averages over all atoms that are the same for every definition:
#
# ```{math}
# \bar r = \frac{\sum_j I(T_j; Y)}{I(T; Y)}, \qquad \bar v = \frac{\sum_j I(T_j; Y \mid T_{-j})}{I(T; Y)}
# ```
#
# - The *redundancy* $\bar r$ says in how many neurons a bit is, on average.
# - The *vulnerability* $\bar v$ says how many neurons it needs, on average: without one of them, it is lost.
#
# {cite:t}`ehrlich2023` define a third average, *representational complexity*: how many neurons must be known at once.
# It needs one definition of the atoms, theirs is by shared exclusions {cite:p}`makkeh2021`.
#
# Three neurons show all three numbers.
# They are copies of the class, or independent bits of which the class is the majority or the parity.

# %%
every = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
bits = np.tile(every, (10, 1)).astype(bool)
copies = np.repeat(bits[:, :1], 3, axis=1)
classes = {
    "copies": (copies, bits[:, 0]),
    "majority": (bits, bits.sum(1) > 1),
    "parity": (bits, bits.sum(1) % 2),
}
group = np.array([[0, 1, 2]])
counts = {
    name: nl.information.group_counts(neurons, y.astype(int), group, 2)[0]
    for name, (neurons, y) in classes.items()
}
invariants = {
    name: nl.information.shannon_invariants(of) for name, of in counts.items()
}
complexity = {
    name: float(nl.information.representational_complexity(of))
    for name, of in counts.items()
}
rp.invariants_table(invariants, complexity)

# %% [markdown]
# Each bit of the copies is in three neurons and needs none of them.
# A bit of the parity is in no neuron and needs all three.
# Complexity does not reach 3 for parity, since a part of the bit is known as soon as half of the cases are excluded.
#
# ## What can be said of a whole layer
#
# A layer of 100 neurons has $2^{100}$ states, and there are thousands of images: no count gives $I(T; Y)$.
# {py:func}`nl.information.layer_bracket <neuronlib.information.groups.brackets.layer_bracket>` bounds it:
#
# - From below by decoders. They learn the class from one half of the validation samples and are asked about others.
# - From above by what the class has to offer, $H(Y)$.
#
# The ends of $\bar r$ follow, and nothing in between is guessed.
# For $\bar v$ the low end is always zero: $H(Y)$ is all that bounds $I(T_{-j}; Y)$, too.
# A whole layer's vulnerability therefore stays open, and we do not draw it.

# %% mystnb={"figure": {"caption": "Information of whole layers about the class, in bits (top), and the average degree of redundancy, in neurons, on a logarithmic scale (bottom). A column for each architecture. Each bar goes from the low to the high end, means over networks; the truth lies between them. Colours and marks are regularizers, filled for ReLU and hollow for sigmoid.", "name": "fig-layers-brackets"}, "image": {"alt": "Bars by layer. At the top they end at the entropy of the class. At the bottom, bars of the last layer lie higher than those of the first for most settings."}} tags=["hide-input"]
figure = rp.brackets_by_layer(studies)
# %% [markdown]
# ## Groups of neurons
#
# Groups of two to eight neurons have few enough states to be counted.
# {py:func}`nl.information.of_sampled_groups <neuronlib.information.groups.sampled.of_sampled_groups>` draws groups from
# each layer and corrects the bias of their counts.
# {cite:t}`ehrlich2023` draw groups, too, in smaller networks that are quantized for it.
#
# ```{admonition} Predict first
# :class: predict
# Ehrlich and others found that complexity falls from layer to layer.
# Will it fall in the paper's networks?
# ```

# %% mystnb={"figure": {"caption": "Groups of neurons drawn from each layer: redundancy and vulnerability of the largest groups, and representational complexity of groups of four, all in neurons. A column for each architecture. Means over networks with 95 % intervals (Student's). Solid lines and filled marks are ReLU, dashed lines and hollow marks sigmoid.", "name": "fig-layers-groups"}, "image": {"alt": "Rows of lines by layer. Redundancy rises on most lines and vulnerability falls; complexity goes both ways."}} tags=["hide-input"]
figure = rp.groups_by_layer(studies)
# %% [markdown]
# The last layer less the first, over settings, with 95 % intervals that resample settings:

# %% tags=["hide-input"]
rp.depth_table(points)

# %% [markdown]
# ## Does the curve tell?
#
# Three shapes are read off the curve of random ablation, and two off the ordered ones:
#
# - *Area* under the curve, scaled to go from 1 to 0.
# - *Onset*: the share of neurons that can go before more than two points are lost.
# - *Bend*: how far the scaled curve is from a straight line.
# - *Low gap* and *high gap*: accuracy with the lowest or the highest mutual information ablated first, less that of
#   random ablation. Means over the curve, in points.
#
# The paper reads them like this.
# A layer that keeps its accuracy for long is redundant (Q19, Q45).
# Where the lowest values first do more harm than chance, neurons matter jointly, so the layer is synergistic (Q26, Q39).
# The table has every reading, with Spearman's rank correlation over layers.
# Layers of wide networks differ from those of narrow ones in everything.
# So the last column compares layers within their architecture, and only this column can confirm a reading.

# %% tags=["hide-input"]
everywhere = rp.shape_correlations(points)
within = rp.shape_correlations(points, within_architectures=True)
rp.readings_table(everywhere, within)

# %% [markdown]
# An interval of 95 % resamples settings, each with all its layers; bold: zero is outside.
# With nine readings, one of them may be bold by chance about every third time.
# A sign against the expected one refutes the reading.

# %% mystnb={"figure": {"caption": "What the paper reads in curves: a panel for each reading, a point for each layer of each setting. Across: the shape of the layer's ablation curves. Along: what it is said to reveal, of groups drawn from the layer. Above each panel: the rank correlation within architectures with its 95 % interval, and what was expected. Colours and marks are architectures; filled for ReLU, hollow for sigmoid.", "name": "fig-layers-readings"}, "image": {"alt": "Nine scatter plots. The numbers above the panels say how closely each pair of numbers goes together."}} tags=["hide-input"]
figure = rp.one_point_a_layer(points, within)
# %% [markdown]
# ```{dropdown} All shapes and all quantities, within architectures
# Spearman's rank correlation with its 95 % interval; bold: zero is outside.
# ```

# %% tags=["hide-input", "hide-output"]
rp.correlations_table(within)

# %% [markdown]
# ### In an architecture that the prediction has not seen
#
# All five shapes together predict each quantity, by least squares on ranks.
# The prediction learns from the other architectures.
# The table has the rank correlation of predicted and actual values in the architecture left out; a dash: too few layers.

# %% tags=["hide-input"]
rp.predictions_table(rp.predicted_elsewhere(points))

# %% [markdown]
# ## Answers

# %% tags=["hide-input"]
rp.open_questions_table(rp.answers_of_layers(points, within, studies))

# %% [markdown]
# A finding holds if the whole 95 % interval lies on the side that the sentence expects.
#
# **Take with you: a flat ablation curve and a redundant layer are two observations; check that they go together before
# you read one off the other.**

# %% [markdown]
# ## Appendix: the studies
#
# *Constant* and *copies* are neurons that are in no group.
# *Bias* is that of the information of the largest groups before correction, in percent of the corrected value.
# *Seconds* are for one network, after training.

# %% tags=["hide-cell"]
rp.layers_table(studies)

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-layers-pair
# ```
# Two neurons equal the class, and a third is the parity of the class and a coin.
# What are $\bar r$ and $\bar v$ of the three neurons?
# Does the third neuron change them?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-layers-pair
# :class: dropdown
# ```
# The class is one bit, and two neurons have it: $\bar r = 2$.
# Without one of them, the other still has it: $\bar v = 0$.
# The third neuron says nothing by itself and nothing beyond the others, so it changes neither.
# ```{solution-end}
# ```
