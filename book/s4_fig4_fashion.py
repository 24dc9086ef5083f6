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
# Does the effect of Fig. 3 depend on the data set, and on how many neurons a network has to spare?
# The paper finds it again on Fashion-MNIST, weaker in a small network, and partly reversed there with Dropout.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how the size of a network changes what the order of ablation does,
# - what Dropout changes in a small network,
# - how to compare losses of networks that start from different accuracies.
#
# Reading time: about 10 minutes.
# ```
#
# This chapter follows Sec. V-D of {cite:t}`amjad2021`.
# The networks have two hidden layers of 100 neurons each, or of 20.
#
# What the paper concludes:
#
# - In the large network, the first layer is more sensitive to random ablation than the second (N12, Q27).
# - In the first layer of the large network with L2, low values first is better than random, high first worse
#   (N13, N14, Q28).
#   The effect is strongest for mutual information and weakest for entropy (Q29).
# - In the small network with L2 the effect is weaker, and almost all neurons matter (Q30).
# - Dropout makes the small network more robust (Q31).
#   It also reverses the effect of KL selectivity in the first layer (Q32) and of mutual information in the second (Q33).

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
#
# ```{admonition} Predict first
# :class: predict
# The small network has a fifth of the neurons of the large one in each layer.
# Will its order matter more than that of the large network, or less?
# ```

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer on Fashion-MNIST, after the paper's Fig. 4; left the first layer, right the second. From the top: the large network with L2 (a), the small one with L2 (b), the small one with Dropout (c). Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-fig4"}, "image": {"alt": "Three rows of two panels of test accuracy against ablated neurons with seven curves each; the table of claims below gives the gaps."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(3, 2, figsize=(8.6, 10), sharey=True)
for row, name, letter in zip(grid, settings[:3], "abc", strict=True):
    for axes, layer in zip(row, "12", strict=True):
        rp.curves(axes, archive, name, layer, title=f"({letter}) {name}, layer {layer}")
rp.finish_curves(figure, archive, settings[:3])

# %% [markdown]
# N13 is the mean gap {eq}`eq-mean-gap` in layer 1 of panel (a), lowest KL selectivity first, after 80 neurons:

# %%
if archive.has("fashion-relu-l2"):
    n13 = rp.gap(archive("fashion-relu-l2"), "1", "kl_selectivity", "low", step=80)
    print("N13, MG@80:", rp.with_interval(n13), "points, n =", n13.size)

# %% [markdown]
# The next table has the mean gap over the whole curve, in points with 95 % intervals.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of gaps"}
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
    ["setting", "layer", "measure", *(f"{way}est first" for way in nl.DIRECTIONS)], rows
)

# %% [markdown]
# ## Claim by claim

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of claims"}
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig4_fashion"])

# %% [markdown]
# ## What these networks say

# %% tags=["remove-input"]
rp.closing(archive, "s4_fig4_fashion")

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig4-dropout
# ```
# The small network with Dropout loses less.
# Do its single neurons matter less, or is it only worse to begin with?
# Compare the cost of ablating half a layer at random, as a share of the accuracy before.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-fig4-dropout
# :class: dropdown
# ```
# A network that is only worse to begin with would lose fewer points, but the same share of its accuracy.
# If the share is smaller too, single neurons matter less.
# The table is for 10 random neurons of 20.

# %%
rows = []
for name in [n for n in settings if n.startswith("small") and archive.has(n)]:
    last = archive(name)["history"].test_accuracy.isel(epoch=-1)
    before = 100 * float(last.mean())
    for layer in "12":
        lost = -float(rp.random_change(archive(name), layer, 10).mean())
        numbers = before, lost, 100 * lost / before
        rows.append([name, layer, *(f"{number:.1f}" for number in numbers)])
header = ["accuracy before (%)", "lost (points)", "share lost (%)"]
rp.table(["setting", "layer", *header], rows)

# %% [markdown]
# ```{solution-end}
# ```
