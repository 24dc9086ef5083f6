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
# This chapter follows Sec. V-E of {cite:t}`amjad2021`: four hidden layers, 250-500-250-500 or a funnel of
# 1000-750-500-250.
#
# What the paper concludes:
#
# - in layers 2 to 4 all three measures say which neurons matter (Q36); in the last two, many neurons are inactive
#   (Q44);
# - in the first layer of the networks with L2, mutual information and KL selectivity do not: random ablation is better
#   than either order (Q37), and accuracy falls almost in a straight line (Q38);
# - more than half of the funnel's second layer has no entropy (K4), and is always on rather than dead (Q42);
# - ablating its most informative neurons makes accuracy fall and then *rise* again (K5).
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

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer on CIFAR-10, after the paper's Fig. 5; one row for each hidden layer. Columns: 250-500-250-500 with L2 (a), the funnel with L2 (b), the funnel with Dropout (c). Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-fig5"}, "image": {"alt": "Four rows of three panels of test accuracy against ablated neurons with seven curves each; the table of claims below gives the numbers."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(4, 3, figsize=(9, 11.5), sharey=True)
for row, layer in zip(grid, "1234", strict=True):
    for axes, name, letter in zip(row, settings, "abc", strict=True):
        title = name.replace("-cifar10-relu", "").replace("cifar10-relu-", "")
        rp.curves(
            axes, archive, name, layer, title=f"({letter}) {title}, layer {layer}"
        )
rp.legend_below(figure)

# %% [markdown]
# ## The paper's conclusions, and what these networks say

# %% tags=["hide-input"]
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig5_cifar"])

# %% [markdown]
# ## One neuron that is always on
#
# The paper sees that ablating the neurons of lowest entropy in layer 2 of the funnel with L2 hurts, and concludes that
# those without entropy are always on rather than dead (Q42).
# A dead neuron puts out zero for every sample, so ablating it to zero changes nothing; an always-on neuron has no entropy
# either, but the next layer may rely on it, as in Example 1 of {ref}`sec-examples`.
#
# Networks can be sorted by how many neurons of layer 2 are always on.
# Each loses as many neurons of lowest entropy as have none: the evaluated step that is nearest to their number and not
# beyond it, so that no neuron with entropy is among them.
# Part of the loss falls in the steps of the curve in which an always-on neuron goes.
# Which steps those are is known, as neurons of equal entropy are ablated in a random order that can be drawn again.

# %% tags=["hide-input"]
rp.always_on_table(archive, settings, "2")

# %% [markdown]
# Losses are points of test accuracy, and positive: means over networks, from five networks on with 95 % intervals.
#
# - "Without entropy" is the mean number of such neurons, and in brackets how many of them are ablated.
# - "With an always-on neuron" is the part of the loss that falls in steps in which one goes.
# - "Lost at random" is what as many random neurons of the layer cost.
#
# Dead and always on are meant on the validation samples; a neuron that is dead there may be active for a test sample.
#
# For the funnel with L2:

# %% tags=["hide-input"]
rp.always_on_told(archive, "funnel-cifar10-relu-l2", "2")

# %% [markdown]
# Whether such a neuron tells the next layer something by how large its output is, as in Example 1, or is a constant that
# the next layer needs, these curves do not say.
# Ablation to the mean would, and was not computed for CIFAR-10.

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
