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
# This chapter follows Sec. V-A of {cite:t}`amjad2021`: how entropy, mutual information and KL selectivity are
# distributed over the neurons of each layer.
# Each neuron is quantized to one bit, active or not, and measured on the validation samples ({ref}`sec-measures`).
#
# What the paper concludes:
#
# - in general, all three quantities are larger in deeper layers (Q1 to Q3);
# - for CIFAR-10 this is less obvious, and many neurons of the last two layers say nothing at all (Q4, Q5);
# - in a small network with Dropout, KL selectivity *falls* from the first layer to the second (Q7), which the paper
#   takes for an artifact of one-bit quantization (Q8).
#
# The copy of the paper at hand lacks the captions of Fig. 1's panels; which settings they show is inferred from the
# text.

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

# %% mystnb={"figure": {"caption": "Distributions of entropy (left), mutual information with the class (middle) and KL selectivity (right) over the neurons of each hidden layer, after the paper's Fig. 1. Rows, from the top: MNIST with Dropout (a), Fashion-MNIST with L2 (b), the small Fashion-MNIST network with Dropout (c), CIFAR-10 with L2 (d), all with ReLU. A violin holds the neurons of all networks; bars end at minimum and maximum, the solid bar inside is the mean, the dotted one the median.", "name": "fig-fig1"}, "image": {"alt": "Four rows of three panels with one violin for each hidden layer; the table below gives the means."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(len(settings), 3, figsize=(8.6, 9.6))
for row, name, letter in zip(grid, settings, "abcd", strict=True):
    for axes, measure in zip(row, nl.MEASURES, strict=True):
        rp.distributions(axes, archive, name, measure, f"({letter}) {name}")

# %% [markdown]
# The mean over the neurons of a network, in bits, and its 95 % interval over networks:

# %% tags=["hide-input"]
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
# ## The paper's conclusions, and what these networks say
#
# Of a claim with several tests, the numbers are those of the test that supports it least, or, where the paper speaks of
# what is so in general, of the test in the middle.

# %% tags=["hide-input"]
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig1_distributions"])

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig1-silent
# ```
# Mutual information cannot exceed entropy.
# Which share of the neurons of each layer has an entropy of exactly 0, so that nothing can be learnt from their one bit?
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
