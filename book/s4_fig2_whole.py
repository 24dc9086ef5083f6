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
# If the neurons of all layers are ranked together, does a low value mark a neuron that the network can spare?
# The paper answers no: with Dropout, ablating low values first harms *more* than ablating at random.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how to compute the paper's mean gap between ordered and random ablation,
# - why one order over two layers empties one of them first,
# - how to separate the cost of emptying a layer from the choice of its neurons.
#
# Reading time: about 20 minutes.
# ```
#
# This chapter follows Sec. V-B of {cite:t}`amjad2021`.
# Neurons of all hidden layers are ranked together and ablated in one order.
#
# What the paper concludes:
#
# - For ReLU networks with L2, ablating the lowest values first is about as good as random (N1, Q13).
# - With Dropout, or with sigmoid neurons, low entropy or mutual information first is *worse* than random (N2, Q14).
# - The neurons of lowest value lie mostly in the first layer, with Dropout on MNIST almost all of them (Q16, Q17).
#   The network cannot do without that layer (K18).
# - KL selectivity is largely uncorrelated with importance (N3, Q15).
#
# The text and the caption of Fig. 2 contradict each other on which panels show an effect.
# The numbers in the text support the text.
# The paper does not say which settings panels (e) and (f) show; here they are MNIST with sigmoid neurons.

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
#
# ```{admonition} Predict first
# :class: predict
# One order ranks the neurons of both layers, lowest entropy first.
# Will it cost less accuracy than a random order, or more?
# ```

# %% mystnb={"figure": {"caption": "Cumulative ablation of all 200 hidden neurons in one order, after the paper's Fig. 2: test accuracy against the number of ablated neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. Panels (a) and (b) are with L2, (c) and (d) with Dropout, all ReLU; (e) and (f) are sigmoid networks.", "name": "fig-fig2"}, "image": {"alt": "Six panels of test accuracy against ablated neurons with seven curves each; the tables below give the gaps between ordered and random ablation."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(3, 2, figsize=(8.6, 10), sharey=True)
for axes, name, letter in zip(grid.flat, settings, "abcdef", strict=True):
    rp.curves(axes, archive, name, "whole", title=f"({letter}) {name}")
rp.finish_curves(figure, archive, settings)

# %% [markdown]
# ## The mean gap
#
# The paper compares an order with random ablation by the *mean gap* after $n$ neurons.
# It is the accuracy after ordered ablation minus that after random ablation, averaged over networks:
#
# $$\mathrm{MG@}n = \frac{1}{K} \sum_{k=1}^{K} \bigl(A_k(n) - \bar A_k(n)\bigr)$$ (eq-mean-gap)
#
# $A_k(n)$ is the accuracy of network $k$ without the first $n$ neurons of the order.
# $\bar A_k(n)$ is its mean accuracy without $n$ random neurons, over several random orders.
# A negative gap means that the order harms more than chance.
# The paper's number N2 is the gap by entropy, lowest first, after 101 of 200 neurons: $\mathrm{MG@101} = -51.2$ points.
# Here it is for these networks:

# %%
if archive.has("mnist-relu-dropout"):
    n2 = rp.gap(archive("mnist-relu-dropout"), "whole", "entropy", "low", step=101)
    print("N2, MG@101:", rp.with_interval(n2), "points, n =", n2.size)

# %% [markdown]
# ## Claim by claim

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of claims"}
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig2_whole"])

# %% [markdown]
# The text and the caption of Fig. 2 contradict each other.
# According to the text, panels (a) and (b) are similar to random ablation and the others are worse.
# According to the caption, (a) and (c) show little, and (b) and (d) a negative correlation.
# The table has the mean gap over the curve, lowest values first, in points with 95 % intervals.

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
# The orders are not stored, so the code draws them again from the stored measures and the setting's seed.
# It gets the same orders, also among neurons of equal value.

# %% mystnb={"figure": {"caption": "Share of layer 1 among the first neurons that one order over the whole network ablates, in percent, against how many those are; the rest is of layer 2. A row for each measure, a column for each setting. Solid: lowest values first; dashed: highest first; dotted: random orders. Lines are means over networks, bands one standard deviation. All curves end at 50 %, since both layers have 100 neurons.", "name": "fig-composition"}, "image": {"alt": "Eighteen panels with three curves each. With Dropout, and for sigmoid networks with L2, lowest entropy or mutual information first begins with layer 1 and highest first with layer 2; random orders stay at half. The table below has the shares after 101 or 125 neurons."}} tags=["hide-input"]
figure = rp.composition(archive, settings)

# %% [markdown]
# The next table has both orders of each measure, after as many neurons as the claims N1 to N3 name.
# A gap is ordered minus random ablation, in points with its 95 % interval.
# Beside each gap stands the share that is gone of the emptier layer.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of both orders"}
parts = rp.whole_in_parts(archive, settings)
rp.both_orders_table(parts)

# %% [markdown]
# ## Does it matter which neurons go, or only from which layer?
#
# Among its first $n$ neurons, an order has taken $k$ neurons of the emptier layer $l$.
# The stored curves of that layer alone say what it costs to lose $k$ of its neurons, at random or in the same order.
# So the gap of each network is the sum of three parts:
#
# $$A(n) - \bar A(n) = \underbrace{\bar A_l(k) - \bar A(n)}_{\text{emptied at random}}
# + \underbrace{A_l(k) - \bar A_l(k)}_{\text{which of its neurons}}
# + \underbrace{A(n) - A_l(k)}_{\text{the other layer}}$$ (eq-emptied)
#
# $A$ is the accuracy after ordered ablation, and $\bar A$ the accuracy after random ablation.
# Without an index both concern the whole network, with the index $l$ that layer alone.
#
# - *Emptied at random* is what concentration on one layer costs, without any measure.
# - *Which of its neurons* is what the measure adds by choosing neurons within that layer.
# - *The other layer* is what the order takes elsewhere in addition.
#
# The parts have a limit: neurons of two layers do not cost the sum of what each layer costs alone.
# The first part compares $k$ neurons of one layer with $n$ neurons of both, about half of them in each.
# The third part holds everything that the layers do together.
# Random orders that take as many neurons of each layer would be a cleaner control, but they are not stored.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the parts by entropy and mutual information"}
rp.parts_table(parts, ["entropy", "mutual_information"])

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the parts by KL selectivity"}
rp.parts_table(parts, ["kl_selectivity"])

# %% tags=["hide-input"]
rp.emptying_told(parts)

# %% [markdown]
# ## What this means for the claims, and for Morcos et al.

# %% tags=["hide-input"]
rp.what_it_means(archive, parts)

# %% [markdown]
# {ref}`sec-discussion` asks Q49 of single neurons, by rank correlation.
#
# {cite:t}`morcos2018` conclude from ablation that class selectivity is a poor predictor of a neuron's importance.
# Their experiment is not repeated here, but two lessons follow for conclusions of this kind.
#
# 1. An order over several layers compares layers before it compares neurons.
#    A curve below random shows that low values mark what matters only if the reverse order lies above random.
# 2. A curve close to random does not show that a measure says nothing.
#    The cost of emptying a layer and the gain from choosing its neurons can cancel.
#
# Ablating one layer at a time settles both, as {ref}`sec-fig3-mnist` does.

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
# ## What these networks say

# %% tags=["remove-input"]
rp.closing(archive, "s4_fig2_whole")

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig2-where
# ```
# Where are the neurons that go first?
# Count how many of the 100 neurons of lowest mutual information are in the first layer.
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
rp.table(["setting", "neurons of layer 1 among the lowest 100"], rows)

# %% [markdown]
# ```{solution-end}
# ```
