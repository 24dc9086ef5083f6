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
# (sec-groups)=
# # Pairs and groups: redundancy and synergy
#
# Do the neurons of a layer repeat each other, or do they tell something only together?
# How does this change from the first layer to the last?
#
# {cite:t}`amjad2021` name the question in Sec. VI and leave it open: split what several neurons tell of the class into
# redundant, unique and synergistic information.
# {cite:t}`clauw2022` answer by another measure, *O-information*: redundancy dominates the first layer, synergy the last.
# Their data, widths, estimator and search are unknown to us, so we test their statements on the networks of this book
# and do not repeat their experiment.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how the information of two neurons divides into four parts, and why definitions of redundancy disagree,
# - how pairs can be redundant while triplets of the same neurons are synergistic,
# - how to tell an estimate of synergy from its bias.
#
# Reading time: about 20 minutes.
# ```

# %% tags=["parameters"]
dataset: str = "mnist-5k"  # mnist-5k (embedded), mnist or fashion-mnist
networks: int = 10  # networks trained for each regularizer, at least 2
epochs: int = 20  # passes over the training samples
seed: int = 0  # start of every random number
device: str = "auto"  # where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()

# %% [markdown]
# ## Two neurons: four parts
#
# The information of two neurons $T_1$ and $T_2$ about the class $Y$ divides into four parts:
#
# $$I(T_1 T_2; Y) = R + U_1 + U_2 + S, \qquad I(T_j; Y) = R + U_j$$ (eq-parts)
#
# - Redundant information $R$ is in either neuron.
# - Unique information $U_j$ is in neuron $j$ alone.
# - Synergistic information $S$ is in both neurons only together.
#
# Equation {eq}`eq-parts` leaves one number open, and two definitions fill the gap in different ways.
#
# - {cite:t}`williams2010` take, for each class, the smaller of the two neurons' specific information
#   ({ref}`sec-measures`). The average over classes is their $R$.
# - {cite:t}`bertschinger2014` (BROJA) change the joint distribution while each neuron keeps its relation with the class.
#   The least $I(T_1 T_2; Y)$ that is possible has no synergy; the rest is their $S$.
#
# Two fair bits, $s$ and $t$, show the difference.
# The class is a function of both; in the last row, both neurons are copies of the same bit.

# %%
bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
s, t = bits.T.astype(int)
gates = {"s and t": s & t, "s xor t": s ^ t, "s": s}
gates["the pair (s, t)"] = 2 * s + t
count = nl.information.pair_counts
tables = {name: count(bits, y, 4)[0, 1] for name, y in gates.items()}
copies = bits[:, :1].repeat(2, axis=1)
tables["s, and t = s"] = count(copies, s, 4)[0, 1]
rp.gates_table(tables)

# %% [markdown]
# All entries are in bits.
# The definitions differ for the pair, where each neuron tells one bit of the class, and not the same one.
# Williams and Beer call this redundant, since both neurons tell *as much* of each class; BROJA calls it unique.
# The rest of this chapter uses BROJA unless it says otherwise.
#
# ## Pairs in trained networks
#
# We train networks with three regularizers and read one bit of each neuron: whether it is active.
# Neurons that are constant, or copy another neuron exactly, take part in no pair, which lowers redundancy a little where
# there are copies.

# %%
data = nl.load(dataset)
ensembles, summaries = {}, {}
for name in ("none", "l2", "dropout"):
    setting = rp.paper_setting(dataset, "relu", name, epochs=epochs, seed=seed)
    ensembles[name], _ = nl.train(setting, data, range(networks), device)
    summaries[name] = nl.information.of_layers(ensembles[name], data)
rp.pairs_table(summaries)

# %% [markdown]
# These are means over all pairs of a layer, in bits with 95 % intervals over networks.
# Counts of $N$ samples overestimate $S - R$, for $C$ classes by about $(C - 1) / (2 N \ln 2)$ bits
# {cite:p}`miller1955`, and nearly all of this bias is in $S$.

# %% tags=["hide-input"]
samples, classes = len(data.validation.labels), len(data.label_names)
rp.bias_told(samples, classes)

# %% [markdown]
# Networks that were measured on other numbers of samples must therefore not be compared in $S$.
#
# ### The parts against depth
#
# The stored results have the same parts for the paper's settings with two layers, from more networks and more samples.

# %% mystnb={"figure": {"caption": "Parts of a pair's information in layer 1 and layer 2, in bits: means over pairs and networks, a line for each stored setting. Bars, mostly smaller than the marks, are 95 % intervals over networks. Colours are data sets; solid lines are ReLU networks, dashed ones sigmoid networks. Each panel has its own scale.", "name": "fig-groups-depth"}, "image": {"alt": "Four panels of lines from layer 1 to layer 2. Both kinds of redundancy and unique information rise on nearly all lines. Synergy rises on some lines and falls on others, on a much smaller scale."}} tags=["hide-input"]
archive = rp.StoredResults()
stored = {
    name: archive(name)["groups"].to_dataset()
    for name in rp.SETTINGS
    if archive.has(name) and "groups" in archive(name).children
}
figure = rp.parts_by_depth(stored)

# %% [markdown]
# The numbers behind the figure (open the cell):

# %% tags=["hide-cell"]
rp.pairs_table(stored)

# %% [markdown]
# ### Does Dropout raise redundancy?
#
# The paper supposes so (Sec. V-E).
# The folded table compares Dropout with the two other regularizers, in bits and as a share of all that a pair tells.
# The bias in $S$ makes the share a little too small, above all where a pair tells little.

# %% tags=["hide-cell"]
rp.dropout_table(summaries)

# %% [markdown]
# ### Does redundancy show in ablation?
#
# {cite:t}`meyes2019` ablate pairs: if the loss exceeds the sum of the two single losses, one neuron could stand in for
# the other.
# We correlate this excess with the parts, over all pairs of layer 2 of one network with Dropout.
# Pairs share neurons and are not independent of each other, so there is no interval.

# %% tags=["hide-input"]
one = ensembles["dropout"].part(slice(0, 1))
rp.excess_told(*rp.correlation_with_excess(one, data, "2"))

# %% [markdown]
# ## Three neurons and more: O-information
#
# O-information {cite:p}`rosas2019` asks how neurons depend on each other, without regard to the class:
#
# $$\Omega = (n - 2)\, H(X_1, \dots, X_n) + \sum_j \bigl[ H(X_j) - H(X_{-j}) \bigr]$$ (eq-o-information)
#
# It is positive where redundancy prevails and negative where synergy does: +1 bit for three copies of a fair bit, −1 bit
# for two bits and their exclusive or.
# We compute {eq}`eq-o-information` from counts, since a Gaussian model does not see an exclusive or.
# Counts bias the estimate towards synergy, and more so for larger groups.

# %% tags=["hide-input"]
rp.group_bias_told(samples, (3, 4, 6, 8, 10))

# %% [markdown]
# The next table has all triplets of a layer.
# A triplet counts as redundant or synergistic if it lies beyond 99.5 % of triplets of shuffled neurons, so chance alone
# gives 0.5 % on either side.

# %%
active, beyond = {}, {}
for name, ensemble in ensembles.items():
    layers = nl.information.active_by_layer(ensemble, data.validation)
    for layer, of_networks in zip("12", layers, strict=True):
        shares = [nl.information.beyond_chance(bits, seed) for bits in of_networks]
        active[name, layer] = of_networks
        beyond[name, layer] = np.array(shares)
rp.triplets_table(beyond)

# %% mystnb={"figure": {"caption": "O-information of all triplets of neurons of a layer, for one network of each regularizer. Right of zero redundancy prevails, left of it synergy. Blue, solid: layer 1. Orange, dashed: layer 2. Shares are on a logarithmic scale.", "name": "fig-groups-triplets"}, "image": {"alt": "Three panels of outlined histograms around zero. With Dropout, the outline of layer 2 reaches farther to the left than that of layer 1. The table above gives the shares on either side."}} tags=["hide-input"]
triplets = {}
for key, of_networks in active.items():
    bits = of_networks[0]
    kept = nl.information.distinct_varying_neurons(bits)
    triplets[key] = nl.information.of_triplets(bits[:, kept])
figure = rp.triplet_histograms(triplets)

# %% [markdown]
# ## How both can be true
#
# ```{admonition} Predict first
# :class: predict
# All pairs of neurons are redundant.
# Can three of the same neurons be synergistic?
# ```
#
# Pairs speak of redundancy that grows with depth, and triplets of synergy in layer 2.
# The two measures ask different questions: $R$ asks what two neurons tell of the class, $\Omega$ how three depend on each
# other.
#
# A code without any learning shows how both can hold: each neuron has a random bit for each of the classes.
# Such neurons depend on nothing but the class, so a pair has no synergy about it, and its redundancy is $I(T_1; T_2)$.
# But if a third bit is known, fewer classes are possible, and the other two bits depend on each other more.
# This is what negative O-information means.
#
# The table has such a code, and the two layers with Dropout.
# In its last row, the samples of layer 2 are shuffled within each class: each neuron keeps its relation with the class
# and loses all else.

# %%
labels = data.validation.labels
codes = [rp.class_code(100, labels, seed + k) for k in range(networks)]
first, second = active["dropout", "1"], active["dropout", "2"]
mixed = [rp.shuffled_within_classes(bits, labels, seed) for bits in second]
rows = {
    "random code": codes,
    "layer 1, Dropout": first,
    "layer 2, Dropout": second,
    "layer 2, shuffled within classes": mixed,
}
views = {
    name: rp.pairs_and_triplets(of_networks, labels, classes, seed)
    for name, of_networks in rows.items()
}
rp.views_table(views)

# %% [markdown]
# The definition of redundancy matters as much as the layer.
# By Williams and Beer, two neurons of the code are highly redundant, since both tell about as much of each class.
# By BROJA they are hardly redundant, since they tell different things.
# A statement on redundancy therefore needs its definition beside it.
#
# ### Larger groups, and a Gaussian model
#
# Two searches look for the six neurons with the lowest and the highest O-information, in one network with Dropout.
# The greedy search grows a triplet, and simulated annealing exchanges neurons.
# The last column is what the greedy search finds among shuffled neurons (open the cell):

# %% tags=["hide-cell"]
rp.extreme_groups_table(
    {
        layer: rp.extreme_groups(active["dropout", layer][0], seed)
        for layer in ("1", "2")
    }
)

# %% [markdown]
# The usual estimate takes real values for a Gaussian copula, which sees only how neurons vary two by two.
# It finds nothing in three bits of which one is the exclusive or of the others.
# The folded table has its values for random triplets of one network, on pre-activations, before ReLU cuts them:

# %% tags=["hide-cell"]
draw = np.random.default_rng(seed)
gaussian = {}
for name, ensemble in ensembles.items():
    values = ensemble.part(slice(0, 1)).pre_activations(data.validation)[0]
    for layer, of_layer in zip(
        "12", np.split(values, [setting.hidden[0]], axis=1), strict=True
    ):
        gaussian[name, layer] = rp.gaussian_triplets(of_layer, draw)
rp.gaussian_table(gaussian)

# %% [markdown]
# ## Re-training a sub-network
#
# {cite:t}`clauw2022` report that re-training a synergistic sub-network changes performance little.
# If synergy is the reason, another group of the same size must do worse.
# So we keep six neurons of layer 2 and remove all others with their biases.
# We choose the six by greedy search for synergy or redundancy, by mutual information, or at random.
#
# Each sub-network is trained for half as many epochs as the whole networks, from its trained or from its initial weights.
# Dropout is off, since it would silence two or three of six neurons in each step.

# %% tags=["hide-input"]
kept = rp.sub_networks(ensembles["dropout"], data, "2", seed)
accuracy = rp.retrained(ensembles["dropout"], data, "2", kept, device)
rp.retrained_table(accuracy, kept)

# %% [markdown]
# The entries are test accuracies in percent with 95 % intervals over networks.
#
# ## What was reported, and what we see
#
# {cite:t}`clauw2022` make three statements; the fourth names what the third may be due to.
# A statement holds for a regularizer if the 95 % interval over networks excludes zero.
# The table says nothing about their networks.

# %% tags=["hide-input"]
rp.statements_table(beyond, accuracy)

# %% [markdown]
# ## A whole layer
#
# The paper notes (Sec. V-A) that the information of a whole layer about the class cannot grow with depth, by the
# data-processing inequality {cite:p}`cover2006`.
# Single neurons still tell more and more.
# The inequality holds for the neurons' outputs, not for one bit of each.
# Layer 2 computes its bits from the outputs of layer 1, which hold more than its bits, so the bits' information may grow.
#
# The table of all values of 100 neurons has $2^{100}$ cells for each class, so only a bound can be computed.
# Logistic regressions learn the class from the bits of one half of the samples.
# On the other half, $H(Y)$ minus their mean cross-entropy is a lower bound of $I(T; Y)$ {cite:p}`barber2003`.
# The folded table has this bound beside the sum over single neurons, in bits with 95 % intervals:

# %% tags=["hide-cell"]
sums = {
    name: nl.measure(ensemble, data.validation)
    .mutual_information.groupby("layer")
    .sum()
    for name, ensemble in ensembles.items()
}
rp.layer_information_table(summaries, sums)

# %% [markdown]
# Ten equally frequent classes have an entropy of $\log_2 10 \approx 3.32$ bits, so a larger sum counts information more
# than once.
# A bound that grows with depth does not violate the inequality, since it is about bits and about linear decoders.
# The output layer is such a decoder, and training has fitted layer 2 to it.
#
# ## Exercises
#
# ```{exercise-start}
# :label: ex-groups-noise
# ```
# Take two bits, each equal to a fair class bit with probability 0.9, independently of each other given the class.
# Which parts do you expect?
# Compute them.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-groups-noise
# :class: dropdown
# ```
# Both neurons have the same relation with the class, so neither has unique information: one could be a copy of the other.
# They err independently, so both together tell more than either, and BROJA calls this synergy.

# %%
agree = np.array([81, 9, 9, 1])
counts = np.stack([agree, agree[::-1]], axis=1).reshape(2, 2, 2)
parts = nl.information.broja(counts)
{
    "R": float(parts.redundancy),
    "U": [float(u) for u in parts.unique],
    "S": float(parts.synergy),
}

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## What these networks say
#
# All networks but the stored settings are those trained above; intervals are over networks.

# %% tags=["hide-input"]
rp.groups_told(summaries, stored, beyond, views, accuracy)

# %% [markdown]
# Larger networks and other data sets are not tested here.
#
# **Take with you: before you call a layer redundant or synergistic, say of what, by which definition, and beyond which
# bias.**
