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
# (sec-pruning-together)=
# # Pruning by what neurons say together
#
# A measure of single neurons cannot see that two neurons say the same.
# Do criteria that compare neurons choose better ones to keep?
# Does each layer need a criterion of its own?
#
# {cite:t}`amjad2021` leave this to future work.
# "It may be useful to employ different quantities when pruning different layers", and "one requires measures of neuron
# redundancy beyond a simple comparison of in- and outgoing weights" (Sec. VI).
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - why two good neurons may be worth no more than one,
# - five criteria that compare what neurons say, from the literature on selecting features,
# - whether they beat simple criteria, before and after re-training,
# - how much of a published result on LeNet-5 is left if random removal is re-trained as long.
#
# Reading time: about 12 minutes.
# ```

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k (embedded), mnist or fashion-mnist
networks: int = 4  # live: networks of each kind, at least 4
epochs: int = 10  # live: passes over the training samples
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
studies = rp.selection_studies(source, dataset, networks, epochs, device)
lenets = rp.lenet_studies(source, dataset, networks // 2, epochs, device)

# %% [markdown]
# ## Two copies and a weaker neuron
#
# Four classes are equally frequent.
# One neuron separates classes 0 and 1 from classes 2 and 3.
# A second one is its copy.
# A third one separates even classes from odd ones, and errs in one sample of five.
# Two of the three may stay.

# %%
labels = np.arange(400) % 4
high, odd = labels >= 2, labels % 2 == 1
erring = np.arange(400) < 80
bits = np.stack([high, high, odd ^ erring], axis=1)
counts = nl.information.group_counts(bits, labels, np.arange(3)[:, None], 4)
alone = nl.information.mutual_information(counts)
rp.table(
    ["neuron", "I(T; Y) in bits"],
    zip(["first", "its copy", "weaker"], alone, strict=True),
)

# %% [markdown]
# ```{admonition} Predict first
# :class: predict
# Which two neurons does mutual information keep, and how much do they say together?
# ```
#
# Mutual information ranks each neuron by itself, so it keeps both copies.
# Together they say no more than one of them.

# %%
kept = {"mutual information": np.sort(np.argsort(alone)[1:])}
for criterion in nl.pruning.JOINT_CRITERIA:
    order = nl.pruning.joint_order(criterion, bits, labels, 4)
    kept[criterion] = np.sort(order[1:])
groups = np.array(list(kept.values()))
together = nl.information.mutual_information(
    nl.information.group_counts(bits, labels, groups, 4)
)
rows = [
    [name, str(pair.tolist()), bits_]
    for (name, pair), bits_ in zip(kept.items(), together, strict=True)
]
rp.table(["criterion", "neurons kept", "bits together"], rows)

# %% [markdown]
# ## Five criteria
#
# {py:func}`nl.pruning.joint_order <neuronlib.pruning.joint.joint_order>` orders a layer of one-bit neurons by each of
# them, and `nl.prune(network, "CMIM", 0.5, data=data)` prunes a network by it.
# The first four select: the next neuron that stays has the largest score, given the set $S$ selected so far.
#
# - *mRMR* {cite:p}`peng2005` wants relevance without redundancy: $I(T_j; Y) - \frac{1}{|S|} \sum_{k \in S} I(T_j; T_k)$.
# - *CMIM* {cite:p}`fleuret2004` wants news beyond each neuron selected: $\min_{k \in S} I(T_j; Y \mid T_k)$.
# - *JMI* {cite:p}`yang1999` adds up pairs: $\sum_{k \in S} I(T_j T_k; Y)$.
# - *Coverage* represents each class, as the paper's Sec. VI proposes. It wants the largest sum over classes of the best
#   specific information among the selected. Once no neuron raises this sum, it starts anew. The paper does not say how
#   to select; this form is ours.
# - *Blanket* {cite:p}`koller1996` removes instead. It removes the neuron that says least beyond the three most similar
#   ones that are left: $I(T_j; Y \mid T_{M_j})$.
#
# The blanket is a compromise.
# What a neuron says beyond *all* others is its vulnerability ({ref}`sec-groups`).
# A table of a hundred one-bit neurons has too many cells for any sample, so three neurons stand in for all others.
# In the example, coverage keeps the copy: the weaker neuron says less of each class, and coverage does not ask whether
# it says something else.
#
# ## The comparison
#
# The networks are those of {ref}`sec-pruning`, with the same epochs.
# Criteria are chosen on the first half of the networks, and tested on the second half.
# All criteria that look at images see the same validation samples.
# Beside the new criteria stand the paper's three measures, outgoing weights, and three simple ones.
# These three were the best of {ref}`sec-pruning`: Srinivas-Babu with nothing done, spectrum after least squares, and
# Taylor after re-training.
# That choice used networks 0 to 9, which do not test here.
# Half or nine tenths of the neurons are removed.
# Eight criteria beside random removal are followed by one epoch of re-training.

# %% tags=["hide-input"]
rp.missing_studies(studies, lenets)

# %% tags=["hide-input"]
rp.pruned_networks_table(studies)

# %% mystnb={"figure": {"caption": "Test accuracy minus that of random removal with the same treatment, in percentage points: means over all networks with 95 % intervals, averaged over 50 and 90 % of a layer removed. Top: nothing done afterwards. Bottom: re-trained for one epoch. The last five criteria at the top, and the last four at the bottom, compare what neurons say.", "name": "fig-together-gains"}, "image": {"alt": "Panels of points with intervals, a row for each criterion, a mark for each kind of network; the sentences and tables below say which lie right of zero."}} tags=["hide-input"]
figure = rp.gains_of_selection(studies)

# %% [markdown]
# ### Does each layer need its own criterion?
#
# Both layers lose the same share at once, with a criterion for each.
# The table compares the best pair with the best criterion for both layers, and with the best simple one.
# Gains are percentage points over networks that did not choose, with 95 % intervals.
# Values of p are exact Wilcoxon tests, adjusted for all tests of the table {cite:p}`holm1979`.

# %% tags=["hide-input"]
rp.criterion_pairs_table(studies)

# %% [markdown]
# The same for one layer at a time, where networks were also re-trained; accuracy is the mean over the layers:

# %% tags=["hide-cell"]
rp.by_layer_table(studies)

# %% [markdown]
# ### Does any new criterion beat the best simple one?
#
# One criterion serves both layers here, one layer is pruned at a time, and both criteria were chosen on other networks.

# %% tags=["hide-input"]
rp.new_against_simple_table(studies)

# %% [markdown]
# Each new criterion by itself, over all networks that test:

# %% tags=["hide-input"]
rp.each_new_table(studies)

# %% tags=["hide-input"]
rp.selection_told(studies)

# %% [markdown]
# ## LeNet-5 on few filters
#
# {cite:t}`sarvani2022` prune LeNet-5 by mutual information between a filter's activation map and the class.
# They report that the convolutions shrink from 20 and 50 filters to 2 and 3, with an accuracy drop of 0.52 %.
# They re-train after each step, so the question is what random removal re-trained as long would give.
#
# This experiment differs from theirs:
#
# - They estimate information by kernels on whole activation maps. We take the mean of each map: four values for single
#   filters, one bit for mRMR and CMIM.
# - Their code removes a few filters at a time and re-trains for 40 epochs after each step. We remove all at once and
#   re-train for two epochs.
# - Their code has two hidden layers, of 800 and 500 neurons. Ours has one of 500, as in Caffe.
# - They train one network; we train several.
#
# Random removal is the mean of two draws for each network.
# *New weights* are networks of the small shape that start anew, and are trained as long as the others are re-trained.

# %% mystnb={"figure": {"caption": "Test accuracy of LeNet-5 with few of its 20 and 50 filters, by the criterion that chose them: means over networks with 95 % intervals (Student's). Left: nothing done. Right: all re-trained for equally many epochs, on another scale. With 10 and 20 filters, networks were not re-trained.", "name": "fig-together-lenet"}, "image": {"alt": "Two panels of marks with intervals, a row for each criterion; the sentences below say how far the criteria lie from random removal."}} tags=["hide-input"]
figure = rp.accuracy_of_filters(lenets)

# %% tags=["hide-input"]
rp.filters_told(lenets)

# %% [markdown]
# Points over random removal of the same networks, and points lost of the whole network's accuracy, with Student's 95 %
# intervals:

# %% tags=["hide-cell"]
rp.filters_table(lenets)

# %% [markdown]
# ## What the paper leaves open
#
# A finding "holds" or "does not hold" if the 95 % interval with nothing done excludes zero.

# %% tags=["hide-input"]
rp.open_questions_table(rp.answers_of_selection(studies))

# %% [markdown]
# These networks are small, and one bit of a neuron is not all it says.
#
# **Take with you: compare neurons with each other before you keep the best ones, and give random removal the same
# re-training before you praise the choice.**

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-together-xor
# ```
# Two neurons are independent fair coins, and the label is their exclusive or.
# A third neuron agrees with the label in six of ten samples.
# Which neuron do mRMR, CMIM and JMI select first, and does any of them keep both coins if two neurons stay?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-together-xor
# :class: dropdown
# ```
# Each coin alone says nothing of the label, so all three select the third neuron first.
# It then stays whatever comes next, and one coin goes: a greedy selection never compares the pair of coins with it.
# Removal has no such first step. "Blanket" asks what each neuron says beyond the two others.
# A coin says much beyond the other coin, and the third neuron says nothing beyond both coins, so it goes first.

# %%
states = np.array([(s, t, k) for s in (0, 1) for t in (0, 1) for k in range(10)])
label = states[:, 0] ^ states[:, 1]
third = np.where(states[:, 2] < 6, label, 1 - label)
coins = np.column_stack([states[:, :2], third]).astype(bool)
{
    name: np.sort(nl.pruning.joint_order(name, coins, label, 2)[1:]).tolist()
    for name in nl.pruning.JOINT_CRITERIA
}

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## Appendix: all numbers
#
# Test accuracy in percent, averaged over 50 and 90 % of a layer removed, with 95 % intervals:

# %% tags=["hide-cell"]
rp.selection_accuracy_table(studies)
