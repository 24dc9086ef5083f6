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
# (sec-fig3-mnist)=
# # Layer by layer: Fig. 3
#
# This chapter follows Sec. V-C of {cite:t}`amjad2021`: on MNIST, the neurons of one layer are ranked among themselves
# and ablated.
#
# What the paper concludes, with $\mathrm{MG@80}$ the mean gap in accuracy to random ablation when 80 neurons are
# ablated:
#
# - ablating first-layer neurons harms more than ablating second-layer neurons; at 80 randomly chosen neurons, the layers
#   are 28.9 points apart (N4);
# - in the first layer, ablating neurons of *low* mutual information first is better than random,
#   $\mathrm{MG@80} = 21.9$ (N5), and of *high* mutual information worse, $\mathrm{MG@80} = -47.4$ (N6), and the same
#   holds for entropy and KL selectivity (Q20);
# - with batch normalization and Dropout, ordered ablation is much like random ablation (N10, N11, Q25);
# - sigmoid neurons show the same, less strongly, when ablated to their mean (N7, N8, Q21); ablated to zero, nothing is
#   clear (Q23, Q24) but that low entropy first is worse than random with Dropout, $\mathrm{MG@80} = -42.8$ (N9);
# - in the second layer the effect is missing altogether (Q22), and ablating its 50 lowest-ranked neurons has a negligible
#   effect (K17): that layer is redundant.

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
    "mnist-relu-dropout",
    "mnist-relu-dropout-batchnorm",
    "mnist-sigmoid-l2",
    "mnist-sigmoid-dropout",
]
replacements = {"mnist-sigmoid-l2": "mean"}

# %%
archive = rp.open_source(
    source, settings, networks, epochs, random_orders, images, device
)
rp.origins(archive, settings)

# %% [markdown]
# Networks were trained, their neurons measured on the validation samples ({ref}`sec-measures`) and ordered by each
# measure, lowest or highest first.
# Neurons are then ablated in that order, one more at a time, and every network so obtained is tested on the test
# samples.
# An ablated neuron puts out a constant, whatever its input: zero, or, in panel (c), its mean over the training samples.
#
# Neurons of equal value, such as dead ones, are ordered by a random permutation.
# The paper says neither how it breaks ties nor how many random orders it draws for a network.
#
# ## The curves

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer on MNIST, after the paper's Fig. 3; left the first layer, right the second. From the top: ReLU with Dropout (a), ReLU with batch normalization and Dropout (b), sigmoid with L2, ablated to the mean (c), sigmoid with Dropout (d). Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. A solid line above the dotted one, and a dashed line below it, mean that neurons with high values matter more than others of their layer.", "name": "fig-fig3-mnist"}, "image": {"alt": "Four rows of two panels of test accuracy against the number of ablated neurons, with seven curves each. All begin at the accuracy of the whole network and end at that of guessing; the tables below give the gaps between them."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(4, 2, figsize=(8.6, 12.5), sharey=True)
for row, name, letter in zip(grid, settings, "abcd", strict=True):
    for axes, layer in zip(row, "12", strict=True):
        how = replacements.get(name, "zero")
        title = f"({letter}) {name}, layer {layer}"
        rp.curves(axes, archive, name, layer, how, title)
rp.legend_below(figure)

# %% [markdown]
# ## The gaps at 80 ablated neurons
#
# For panel (a), in percentage points, with a 95 % bootstrap interval over networks.
# The p-value is that of the Wilcoxon signed-rank test in the paper's variant, the normal approximation.
# Where all networks agree in sign, and no two gaps are equally large, it is at its floor, which depends on nothing but
# their number; the paper's $7.55 \cdot 10^{-10}$ is that of 50 networks.

# %% tags=["hide-input"]
step = 80
rows = []
for layer in "12" if archive.has(settings[0]) else "":
    accuracies = rp.curves_of(archive(settings[0]), layer)
    for measure in nl.MEASURES:
        for direction in nl.DIRECTIONS:
            found = nl.compare_with_random(accuracies, measure, direction, step)
            name = f"layer {layer}: {nl.plots.NAMES[measure]}, {direction}est first"
            rows.append(
                [name, rp.points(found), rp.p_value(found.p_value), found.networks]
            )
rp.table(["order", f"MG@{step} [95 % interval]", "p (Wilcoxon)", "networks"], rows)

# %% [markdown]
# ## The paper's conclusions, and what these networks say

# %% tags=["hide-input"]
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig3_mnist"])

# %% [markdown]
# N4 is tested as the paper does, by a two-sample Kolmogorov–Smirnov test, although two layers of the same networks are
# not independent samples; its interval is for pairs.
# Where a claim says that curves are alike, the number is the area between them; {ref}`sec-claims` says how to read its
# interval.

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig3-single
# ```
# A single network is not 50.
# For how many of the networks does the sign of N5, low mutual information better than random, hold by itself?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig3-single
# :class: dropdown
# ```
# Networks in which the gap at 80 ablated neurons is positive, and the smallest and the largest gap, in points:

# %%
if archive.has("mnist-relu-dropout"):
    results = archive("mnist-relu-dropout")
    gaps = rp.gap(results, "1", "mutual_information", "low", step)
    positive = f"{(gaps > 0).sum()} of {len(gaps)} networks"
    print(f"{positive}, from {rp.signed(gaps.min())} to {rp.signed(gaps.max())}")

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ```{exercise-start}
# :label: ex-fig3-step
# ```
# The paper gives no reason for looking at exactly 80 neurons.
# Predict from the figure how N5 changes with the number of ablated neurons, then compute it.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig3-step
# :class: dropdown
# ```
# The gap must be 0 at both ends, where no neuron or every neuron is ablated, whatever the order.

# %%
rows = []
if archive.has("mnist-relu-dropout"):
    accuracies = rp.curves_of(archive("mnist-relu-dropout"), "1")
    for n in (0, 20, 40, 60, 80, 90, 100):
        found = nl.compare_with_random(accuracies, "mutual_information", "low", n)
        rows.append([n, rp.points(found)])
rp.table(["ablated neurons", "gap [95 % interval]"], rows)

# %% [markdown]
# ```{solution-end}
# ```
