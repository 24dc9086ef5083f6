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
# (sec-fig4-fashion)=
# # Large and small networks: Fig. 4
#
# This chapter follows Sec. V-D of {cite:t}`amjad2021`: Fashion-MNIST, with 100 neurons in each of two layers and with 20.
#
# What the paper concludes:
#
# - in the large network the first layer is more sensitive to random ablation than the second (N12, Q27);
# - in the first layer of the large network with L2, low values first is better than random and high first worse (N13,
#   N14, Q28), most for mutual information and least for entropy (Q29);
# - in the small network with L2 this is weaker, and almost all neurons matter (Q30);
# - Dropout makes the small network more robust (Q31), but turns the effect of KL selectivity round in the first layer
#   (Q32), and that of mutual information in the second (Q33).

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
    "fashion-relu-l2",
    "small-fashion-relu-l2",
    "small-fashion-relu-dropout",
    "fashion-relu-none",
    "small-fashion-relu-none",
]

# %%
archive = rp.open_source(
    source, settings, networks, epochs, random_orders, images, device
)
rp.origins(archive, settings)

# %% [markdown]
# ## The curves

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer on Fashion-MNIST, after the paper's Fig. 4; left the first layer, right the second. From the top: the large network with L2 (a), the small one with L2 (b), the small one with Dropout (c). Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-fig4"}, "image": {"alt": "Three rows of two panels of test accuracy against ablated neurons with seven curves each; the table of claims below gives the gaps."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(3, 2, figsize=(8.6, 10), sharey=True)
for row, name, letter in zip(grid, settings[:3], "abc", strict=True):
    for axes, layer in zip(row, "12", strict=True):
        rp.curves(axes, archive, name, layer, title=f"({letter}) {name}, layer {layer}")
rp.legend_below(figure)

# %% [markdown]
# ## The paper's conclusions, and what these networks say

# %% tags=["hide-input"]
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig4_fashion"])

# %% [markdown]
# The mean gap to random ablation over the curve, in percentage points with 95 % intervals:

# %% tags=["hide-input"]
rows = []
for name in [n for n in settings if archive.has(n)]:
    for layer, measure in [
        (layer, measure) for layer in "12" for measure in nl.MEASURES
    ]:
        gaps = [rp.gap(archive(name), layer, measure, way) for way in nl.DIRECTIONS]
        rows.append(
            [name, layer, nl.plots.NAMES[measure], *map(rp.with_interval, gaps)]
        )
rp.table(
    ["setting", "layer", "by", *(f"{way}est first" for way in nl.DIRECTIONS)], rows
)

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig4-dropout
# ```
# Is the small network with Dropout more robust because single neurons matter less, or because it is worse to begin
# with? Compare what random ablation of half a layer costs, as a share of the accuracy before it.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig4-dropout
# :class: dropdown
# ```
# A network that is only worse to begin with would lose less in points, and the same share of what it had.
# Where the share is smaller, too, single neurons matter less.
# With 10 randomly ablated neurons of 20:

# %%
rows = []
for name in [n for n in settings if n.startswith("small") and archive.has(n)]:
    last = archive(name)["history"].test_accuracy.isel(epoch=-1)
    before = 100 * float(last.mean())
    for layer in "12":
        lost = -float(rp.random_change(archive(name), layer, 10).mean())
        numbers = before, lost, 100 * lost / before
        rows.append([name, layer, *(f"{number:.1f}" for number in numbers)])
header = ["accuracy before (%)", "lost (points)", "of it (%)"]
rp.table(["setting", "layer", *header], rows)

# %% [markdown]
# ```{solution-end}
# ```
