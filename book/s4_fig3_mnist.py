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
# Within one layer, does the network need a neuron more if that neuron knows more about the class?
# The paper answers yes for the first layer of most networks on MNIST, and no for the second.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how a layer is ablated neuron by neuron, and how to read the curves,
# - in which networks the least informative neurons can be spared,
# - what a p-value at its smallest possible value says, and what it does not.
#
# Reading time: about 15 minutes.
# ```
#
# This chapter follows Sec. V-C of {cite:t}`amjad2021`.
# On MNIST, the neurons of one layer are ranked among themselves and ablated.
#
# What the paper concludes, where $\mathrm{MG@80}$ is the mean gap to random ablation after 80 neurons:
#
# - Ablating first-layer neurons harms more than ablating second-layer neurons.
#   After 80 random neurons, the layers are 28.9 points apart (N4).
# - In the first layer, ablating *low* mutual information first is better than random, $\mathrm{MG@80} = 21.9$ (N5).
#   Ablating *high* mutual information first is worse, $\mathrm{MG@80} = -47.4$ (N6).
#   The same holds for entropy and KL selectivity (Q20).
# - With batch normalization and Dropout, ordered ablation is much like random ablation (N10, N11, Q25).
# - Sigmoid neurons show the same, less strongly, if ablated to their mean (N7, N8, Q21).
# - Sigmoid neurons ablated to zero show nothing clear (Q23, Q24), with one exception.
#   Low entropy first is worse than random with Dropout, $\mathrm{MG@80} = -42.8$ (N9).
# - In the second layer the effect is missing altogether (Q22).
#   Its 50 lowest-ranked neurons can be ablated with negligible effect (K17), so the layer is redundant.

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
# The experiment has four steps for each network:
#
# 1. Train it, and measure its neurons on the validation samples ({ref}`sec-measures`).
# 2. Order the neurons of a layer by a measure, lowest or highest first.
# 3. Ablate them in that order, one more at a time.
# 4. Test the network on the test samples after each step.
#
# An ablated neuron outputs a constant, whatever its input.
# The constant is zero or, in panel (c), the neuron's mean over the training samples.
#
# Neurons of equal value, such as dead ones, are ordered by a random permutation.
# The paper does not say how it breaks ties, nor how many random orders it draws for a network.
#
# ## The curves
#
# ```{admonition} Predict first
# :class: predict
# Ablate 80 of the 100 neurons of the first layer, those with the least mutual information first.
# How much accuracy is left: more or less than after 80 random neurons, and by how much?
# What changes in the second layer?
# ```

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer on MNIST, after the paper's Fig. 3; left the first layer, right the second. From the top: ReLU with Dropout (a), ReLU with batch normalization and Dropout (b), sigmoid with L2, ablated to the mean (c), sigmoid with Dropout (d). Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. A solid line above the dotted one, and a dashed line below it, mean that neurons with high values matter more than others of their layer.", "name": "fig-fig3-mnist"}, "image": {"alt": "Four rows of two panels of test accuracy against the number of ablated neurons, with seven curves each. All begin at the accuracy of the whole network and end at that of guessing; the tables below give the gaps between them."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(4, 2, figsize=(8.6, 12.5), sharey=True)
for row, name, letter in zip(grid, settings, "abcd", strict=True):
    for axes, layer in zip(row, "12", strict=True):
        how = replacements.get(name, "zero")
        title = f"({letter}) {name}, layer {layer}"
        rp.curves(axes, archive, name, layer, how, title)
rp.finish_curves(figure, archive, settings)

# %% [markdown]
# ## The gap after 80 neurons
#
# The paper's measure of a gap is {eq}`eq-mean-gap`, the mean over networks of ordered minus random accuracy:
#
# $$\mathrm{MG@}80 = \frac{1}{K} \sum_{k=1}^{K} \bigl(A_k(80) - \bar A_k(80)\bigr)$$
#
# N5 is this number for layer 1 of panel (a), lowest mutual information first.
# One line of code computes it from the stored curves:

# %%
if archive.has("mnist-relu-dropout"):
    n5 = rp.gap(
        archive("mnist-relu-dropout"), "1", "mutual_information", "low", step=80
    )
    print("N5, MG@80:", rp.with_interval(n5), "points, n =", n5.size)

# %% [markdown]
# The table has this gap for every order of panel (a), in points with a 95 % bootstrap interval over networks.
# The p-value comes from Wilcoxon's signed-rank test in the paper's variant, the normal approximation.
# If all gaps have the same sign and none are tied, p takes its smallest possible value.
# That value depends only on the number of networks: with 50 networks it is the paper's $7.55 \cdot 10^{-10}$.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of gaps"}
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
# ## Claim by claim
#
# Two rows of the table need a word of caution.
# N4 uses the paper's two-sample Kolmogorov–Smirnov test, although two layers of the same network are not independent.
# Its interval is for pairs.
# Where a claim says that curves are alike, the number is the area between them ({ref}`sec-claims` explains its interval).

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of claims"}
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig3_mnist"])

# %% [markdown]
# ## What these networks say

# %% tags=["remove-input"]
rp.closing(archive, "s4_fig3_mnist")

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig3-single
# ```
# A single network is not 50.
# N5 says that lowest mutual information first is better than random.
# In how many networks does this hold by itself?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig3-single
# :class: dropdown
# ```
# The cell prints in how many networks the gap after 80 neurons is positive, and the smallest and largest gap in points.

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
# The gap must be 0 at both ends, since every order ablates no neuron there, or all of them.

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
