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
# (sec-fig1-distributions)=
# # How much single neurons know: Fig. 1
#
# Do neurons of deeper layers know more about the class than neurons of early layers?
# The paper answers yes in general, and names two exceptions.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how to read the distribution of a measure over the neurons of a layer,
# - where deeper neurons know more, and where they do not,
# - why a mean can hide that most neurons of a layer tell nothing.
#
# Reading time: about 10 minutes.
# ```
#
# This chapter follows Sec. V-A of {cite:t}`amjad2021`.
# Each neuron is quantized to one bit, active or not, and measured on the validation samples ({ref}`sec-measures`).
#
# What the paper concludes:
#
# - In general, all three measures are larger in deeper layers (Q1), as on MNIST (Q2) and Fashion-MNIST (Q3).
# - On CIFAR-10 this is less obvious (Q4), and many neurons of the last two layers tell nothing at all (Q5).
# - In a small network with Dropout, KL selectivity *falls* from the first layer to the second (Q7).
#   The paper takes this for an artifact of one-bit quantization (Q8).
#
# Our copy of the paper lacks the captions of Fig. 1's panels.
# We infer from the text which settings they show.

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
networks: int = 50  # at most how many networks of each setting
epochs: int = 10  # live: passes over the training samples
random_orders: int = 10  # live: random ablation orders a network and layer
images: str = ""  # live: other images than the setting's own, as mnist-5k
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
settings = [
    "mnist-relu-dropout",
    "fashion-relu-l2",
    "small-fashion-relu-dropout",
    "cifar10-relu-l2",
]

# %%
archive = rp.open_source(
    source, settings, networks, epochs, random_orders, images, device
)
rp.origins(archive, settings)

# %% [markdown]
# ## The distributions
#
# ```{admonition} Predict first
# :class: predict
# Will neurons of the first or of the last hidden layer know more about the class?
# In which networks do you expect neurons that know nothing at all?
# ```
#
# Each line below belongs to one layer.
# At a value on the horizontal axis, it shows the share of neurons with at most that value.
# A line that lies further right means larger values.
# A jump at zero is the share of neurons without any information.

# %% mystnb={"figure": {"caption": "Cumulative distributions of entropy (left), mutual information with the class (middle) and KL selectivity (right) over the neurons of each hidden layer; the paper's Fig. 1 shows the same as violins. Rows, from the top: MNIST with Dropout (a), Fashion-MNIST with L2 (b), the small Fashion-MNIST network with Dropout (c), CIFAR-10 with L2 (d), all with ReLU. Each line pools the neurons of all networks.", "name": "fig-fig1"}, "image": {"alt": "Four rows of three panels with one rising line for each hidden layer. In rows (a) to (c) the line of layer 2 mostly lies right of that of layer 1; in row (d) the lines of layers 2 to 4 start with a high jump at zero."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(len(settings), 3, figsize=(8.6, 9.6), sharey=True)
for row, name, letter in zip(grid, settings, "abcd", strict=True):
    for axes, measure in zip(row, nl.MEASURES, strict=True):
        rp.distributions(axes, archive, name, measure, f"({letter}) {name}")
rp.finish_distributions(figure, archive, settings)

# %% [markdown]
# The next table has the mean over the neurons of a network, in bits, with its 95 % interval over networks.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of means"}
rows = []
for name in [n for n in settings if archive.has(n)]:
    results = archive(name)
    for layer in np.unique(results["measures"].layer):
        means = [rp.neurons(results, m, layer).mean(axis=1) for m in nl.MEASURES]
        rows.append(
            [name, layer, *(rp.with_interval(mean, 3, plus=False) for mean in means)]
        )
rp.table(
    ["setting", "layer", *(f"{nl.plots.NAMES[m]} (bits)" for m in nl.MEASURES)], rows
)

# %% [markdown]
# ## Claim by claim
#
# The table has one row for each claim of the paper.
# A claim with several tests shows the numbers of the test that supports it least.
# A claim about what holds “in general” shows the median test.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of claims"}
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig1_distributions"])

# %% [markdown]
# ## What these networks say

# %% tags=["remove-input"]
rp.closing(archive, "s4_fig1_distributions")

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig1-silent
# ```
# Mutual information cannot exceed entropy.
# Which share of the neurons of each layer has an entropy of exactly 0, so that their one bit tells nothing?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig1-silent
# :class: dropdown
# ```
# Counted over all networks, in percent:

# %%
rows = []
for name in [n for n in settings if archive.has(n)]:
    results = archive(name)
    for layer in np.unique(results["measures"].layer):
        silent = (rp.neurons(results, "entropy", layer) == 0).mean()
        rows.append([name, layer, f"{100 * silent:.1f}"])
rp.table(["setting", "layer", "without entropy (%)"], rows)

# %% [markdown]
# ```{solution-end}
# ```
