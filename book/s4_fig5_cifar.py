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
# (sec-fig5-cifar)=
# # Deep networks on CIFAR-10: Fig. 5
#
# Do the measures still show which neurons matter in deep, wide networks on a harder data set?
# The paper answers yes for layers 2 to 4, and no for the first layer.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - what ablation looks like in a layer with many dead neurons,
# - how few neurons of a deep layer are enough for full accuracy,
# - why an always-on neuron can look like a dead one and still be needed.
#
# Reading time: about 15 minutes.
# ```
#
# This chapter follows Sec. V-E of {cite:t}`amjad2021`.
# The networks have four hidden layers, 250-500-250-500 or a funnel of 1000-750-500-250.
#
# What the paper concludes:
#
# - In layers 2 to 4 all three measures show which neurons matter (Q36).
#   In the last two layers, many neurons are inactive (Q44).
# - In the first layer of the networks with L2, mutual information and KL selectivity do not show it.
#   Random ablation is better than either order (Q37), and accuracy falls almost in a straight line (Q38).
# - More than half of the funnel's second layer has no entropy (K4), and is always on rather than dead (Q42).
# - Ablating the most informative neurons of that layer makes accuracy fall and then *rise* again (K5).
#
# Curves are evaluated at 50 equal steps.

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
networks: int = 50  # at most how many networks of each setting
epochs: int = 10  # live: passes over the training samples
random_orders: int = 1  # live: random ablation orders a network and layer
images: str = ""  # live: other images than the setting's own, as mnist-5k
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
settings = [
    "cifar10-relu-l2",
    "funnel-cifar10-relu-l2",
    "funnel-cifar10-relu-dropout",
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
# Half of the neurons of a layer have no entropy.
# Does the network need any of them?
# ```

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer on CIFAR-10, after the paper's Fig. 5; one row for each hidden layer. Columns: 250-500-250-500 with L2 (a), the funnel with L2 (b), the funnel with Dropout (c). Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-fig5"}, "image": {"alt": "Four rows of three panels of test accuracy against ablated neurons with seven curves each; the table of claims below gives the numbers."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(4, 3, figsize=(9, 11.5), sharey=True)
for row, layer in zip(grid, "1234", strict=True):
    for axes, name, letter in zip(row, settings, "abc", strict=True):
        title = name.replace("-cifar10-relu", "").replace("cifar10-relu-", "")
        rp.curves(
            axes, archive, name, layer, title=f"({letter}) {title}, layer {layer}"
        )
rp.finish_curves(figure, archive, settings)

# %% [markdown]
# ## Claim by claim

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of claims"}
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig5_cifar"])

# %% [markdown]
# ## One neuron that is always on
#
# In layer 2 of the funnel with L2, ablating the neurons of lowest entropy hurts.
# The paper concludes that the neurons without entropy are always on rather than dead (Q42).
#
# A dead neuron outputs zero for every sample, so ablating it to zero changes nothing.
# An always-on neuron has no entropy either, but the next layer may rely on it, as in Example 1 of {ref}`sec-examples`.
#
# The table below sorts networks by their number of always-on neurons in layer 2.
# Each network loses its neurons without entropy, up to the last evaluated step that takes no neuron with entropy.
# Part of the loss falls in steps of the curve that ablate an always-on neuron.
# These steps are known, since the random order among neurons of equal entropy can be drawn again.

# %% tags=["hide-input"]
rp.always_on_table(archive, settings, "2")

# %% [markdown]
# Losses are positive points of test accuracy: means over networks, with a 95 % interval from five networks on.
#
# - “Without entropy” is the mean number of such neurons; the number ablated is in brackets.
# - “Lost with an always-on neuron” is the part of the loss in steps that ablate one.
# - “Lost at random” is the cost of as many random neurons of the layer.
#
# Dead and always on refer to the validation samples.
# A neuron that is dead there may be active for a test sample.
#
# For the funnel with L2, in words:

# %% tags=["remove-input"]
rp.always_on_told(archive, "funnel-cifar10-relu-l2", "2")

# %% [markdown]
# An always-on neuron may inform the next layer by the size of its output, as in Example 1.
# Or it may be a constant that the next layer needs.
# These curves cannot tell the two apart.
# Ablation to the mean would, but it was not computed for CIFAR-10.

# %% [markdown]
# ## What these networks say

# %% tags=["remove-input"]
rp.closing(archive, "s4_fig5_cifar")

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig5-on
# ```
# A neuron without entropy is dead or always on.
# How many of each are there, by layer?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig5-on
# :class: dropdown
# ```
# Shares of the neurons of each layer, in percent:

# %%
rows = []
for name in [n for n in settings if archive.has(n)]:
    for layer in "1234":
        rates = rp.activity(archive(name), layer)
        dead, on = (100 * (rates == end).mean() for end in (0, 1))
        rows.append([name, layer, f"{dead:.1f}", f"{on:.1f}"])
rp.table(["setting", "layer", "dead (%)", "always on (%)"], rows)

# %% [markdown]
# ```{solution-end}
# ```
