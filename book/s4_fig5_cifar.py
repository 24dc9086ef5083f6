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
