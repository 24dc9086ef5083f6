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
# (sec-fig2-whole)=
# # The whole network at once: Fig. 2
#
# This chapter follows Sec. V-B of {cite:t}`amjad2021`: neurons of all hidden layers are ranked together and ablated in
# one order.
#
# What the paper concludes:
#
# - for ReLU networks with L2, ablating the lowest values first is about as good as random (N1, Q13);
# - with Dropout, or with sigmoid neurons, low entropy or mutual information first is *worse* than random (N2, Q14),
#   since the neurons with the lowest values lie mostly, with Dropout on MNIST almost all, in the first layer (Q16, Q17),
#   which the network cannot do without (K18);
# - KL selectivity is largely uncorrelated with importance (N3, Q15).
#
# The text and the caption of Fig. 2 contradict each other on which panels show an effect; the numbers in the text
# support the text.
# Which settings panels (e) and (f) show is not said anywhere; here they are MNIST with sigmoid neurons.

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
networks: int = 50  # at most how many networks of each setting
epochs: int = 10  # live: passes over the training samples
random_orders: int = 10  # live: random ablation orders a network and layer
images: str = ""  # live: other images than the setting's own, as mnist-5k
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
settings = [
    "mnist-relu-l2",
    "fashion-relu-l2",
    "mnist-relu-dropout",
    "fashion-relu-dropout",
    "mnist-sigmoid-l2",
    "mnist-sigmoid-dropout",
]

# %%
archive = rp.open_source(
    source, settings, networks, epochs, random_orders, images, device
)
rp.origins(archive, settings)

# %% [markdown]
# ## The curves

# %% mystnb={"figure": {"caption": "Cumulative ablation of all 200 hidden neurons in one order, after the paper's Fig. 2: test accuracy against the number of ablated neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. Panels (a) and (b) are with L2, (c) and (d) with Dropout, all ReLU; (e) and (f) are sigmoid networks.", "name": "fig-fig2"}, "image": {"alt": "Six panels of test accuracy against ablated neurons with seven curves each; the tables below give the gaps between ordered and random ablation."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(3, 2, figsize=(8.6, 10), sharey=True)
for axes, name, letter in zip(grid.flat, settings, "abcdef", strict=True):
    rp.curves(axes, archive, name, "whole", title=f"({letter}) {name}")
rp.legend_below(figure)

# %% [markdown]
# ## The paper's conclusions, and what these networks say

# %% tags=["hide-input"]
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig2_whole"])

# %% [markdown]
# On the contradiction between caption and text of Fig. 2: according to the text, panels (a) and (b) are similar to
# random and the others worse; according to the caption, (a) and (c) show little and (b) and (d) a negative correlation.
# The mean gap over the curve, lowest entropy or mutual information first, in percentage points with 95 % intervals:

# %% tags=["hide-input"]
rows = [
    [
        f"({letter}) {name}",
        archive(name).attrs["networks"],
        *(
            rp.with_interval(rp.gap(archive(name), "whole", measure, "low"))
            for measure in ("entropy", "mutual_information")
        ),
    ]
    for letter, name in zip("abcdef", settings, strict=True)
    if archive.has(name)
]
rp.table(["panel", "networks", "entropy", "mutual information"], rows)

# %% [markdown]
# ## Which layer goes first
#
# One order over the whole network may take its neurons from both layers alike, or empty one of them first.
# Where do the first neurons of each order come from?
# The orders themselves are not stored: they are drawn again from the stored measures and the setting's seed.
# That gives the orders that were ablated, with neurons of equal value in the same random order, drawn for each network.

# %% mystnb={"figure": {"caption": "Share of layer 1 among the first neurons that one order over the whole network ablates, in percent, against how many those are; the rest is of layer 2. A row for each measure, a column for each setting. Solid: lowest values first; dashed: highest first; dotted: random orders. Lines are means over networks, bands one standard deviation. All curves end at 50 %, since both layers have 100 neurons.", "name": "fig-composition"}, "image": {"alt": "Eighteen panels with three curves each. With Dropout, and for sigmoid networks with L2, lowest entropy or mutual information first begins with layer 1 and highest first with layer 2; random orders stay at half. The table below has the shares after 101 or 125 neurons."}} tags=["hide-input"]
figure = rp.composition(archive, settings)

# %% [markdown]
# Both orders of a measure, lowest and highest first, after as many neurons as N1 to N3 name.
# Gaps are ordered less random ablation, in points with 95 % intervals; beside each is how much is gone of the layer that
# has lost more.

# %% tags=["hide-input"]
parts = rp.whole_in_parts(archive, settings)
rp.both_orders_table(parts)

# %% [markdown]
# ## Does it matter which neurons go, or only from which layer?
#
# Say an order has taken $k$ neurons of the layer that has lost more, $l$, among its first $n$.
# The stored curves of that layer by itself say what it costs to lose $k$ of its neurons, at random or in the same order.
# So the gap of the whole network divides into three parts, for each network:
#
# $$A(n) - \bar A(n) = \underbrace{\bar A_l(k) - \bar A(n)}_{\text{emptied at random}}
# + \underbrace{A_l(k) - \bar A_l(k)}_{\text{which of its neurons}}
# + \underbrace{A(n) - A_l(k)}_{\text{the other layer}}$$ (eq-emptied)
#
# $A$ is the accuracy after ordered ablation and $\bar A$ after random ablation, of the whole network or, with an index, of
# layer $l$ alone.
# The first part holds whatever concentration on one layer does by itself, without any measure.
# The second is what the measure adds by choosing neurons within that layer, and the third what the order takes from the
# other layer in addition.
#
# What this cannot say: neurons of two layers that are gone together do not cost the sum of what they cost apart.
# The first part compares $k$ neurons of one layer, the other being whole, with $n$ neurons of both, of which about half are
# in each; the third part holds all that the layers do together.
# A cleaner control is random orders that take as many neurons of each layer; they are not among the stored ones.

# %% tags=["hide-input"]
rp.parts_table(parts, ["entropy", "mutual_information"])

# %% [markdown]
# The same by KL selectivity:

# %% tags=["hide-cell"]
rp.parts_table(parts, ["kl_selectivity"])

# %% tags=["hide-input"]
rp.emptying_told(parts)

# %% [markdown]
# ## What this means for the claims, and for Morcos et al.

# %% tags=["hide-input"]
rp.what_it_means(archive, parts)

# %% [markdown]
# Q12, on other optimizers and parameters, is not touched by this.
# {ref}`sec-discussion` asks of single neurons, by rank correlation, what Q49 asks of the curves.
#
# {cite:t}`morcos2018` conclude from ablation that class selectivity is a poor predictor of a neuron's importance.
# Their experiment is not repeated here, but two things follow for conclusions of this kind.
# An order over several layers compares layers before it compares neurons.
# So a curve below random is evidence that low values mark what matters only if the reverse order lies above random.
# And a curve close to random is no evidence that a measure says nothing, since what emptying a layer costs and what choosing
# its neurons saves can cancel.
# Both are settled by ablating one layer at a time, as in {ref}`sec-fig3-mnist`.

# %% [markdown]
# ## Single neurons at a glance
#
# Each point below is a neuron, ablated by itself.
# The solid line of a layer shows how the loss changes with the measure within this layer.
# The dotted line leads from the mean of layer 1 to the mean of layer 2, which has larger values and costs less.
# A ranking across layers follows the dotted line, so it begins with neurons that the network needs.

# %% mystnb={"figure": {"caption": "Test accuracy lost when a neuron is ablated by itself, in percentage points, against its entropy, mutual information and KL selectivity. Networks of mnist-relu-dropout; a point is a neuron of one network, colours are layers. Solid lines: means over tenths of a layer's neurons. Large marks: means of layers, joined by a dotted line.", "name": "fig-fig2-single"}, "image": {"alt": "Three scatter plots. The neurons of layer 2 lie to the right of those of layer 1 and closer to zero loss. Within layer 1 the mean loss rises from zero with the measure, at least at first; within layer 2 it is flat. The line between the layers' means falls."}} tags=["hide-input"]
figure = rp.measure_against_loss(archive, "mnist-relu-dropout")

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig2-where
# ```
# Where are the neurons that go first?
# Count how many of the 100 neurons with the lowest mutual information are in the first layer.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig2-where
# :class: dropdown
# ```
# By setting, averaged over networks:

# %%

rows = []
for name in [n for n in settings if archive.has(n)]:
    information = rp.neurons(archive(name), "mutual_information", "whole")
    lowest = information.argsort(axis=1)[:, :100]
    rows.append([name, f"{(lowest < 100).sum(axis=1).mean():.1f}"])
rp.table(["setting", "of the lowest 100, in layer 1"], rows)

# %% [markdown]
# ```{solution-end}
# ```
