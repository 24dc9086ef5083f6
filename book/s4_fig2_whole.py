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
# This chapter follows Sec. V-B of {cite:t}`amjad2021`: neurons of all hidden layers are ranked together and ablated in
# one order.
#
# What the paper concludes:
#
# - for ReLU networks with L2, ablating the lowest values first is about as good as random (N1, Q13);
# - with Dropout, or with sigmoid neurons, low entropy or mutual information first is *worse* than random (N2, Q14),
#   since the neurons with the lowest values lie mostly, with Dropout on MNIST almost all, in the first layer (Q16, Q17),
#   which the network cannot do without (K18);
# - KL selectivity is largely uncorrelated with importance (N3, Q15).
#
# The text and the caption of Fig. 2 contradict each other on which panels show an effect; the numbers in the text
# support the text.
# Which settings panels (e) and (f) show is not said anywhere; here they are MNIST with sigmoid neurons.

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

# %% mystnb={"figure": {"caption": "Cumulative ablation of all 200 hidden neurons in one order, after the paper's Fig. 2: test accuracy against the number of ablated neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. Panels (a) and (b) are with L2, (c) and (d) with Dropout, all ReLU; (e) and (f) are sigmoid networks.", "name": "fig-fig2"}, "image": {"alt": "Six panels of test accuracy against ablated neurons with seven curves each; the tables below give the gaps between ordered and random ablation."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(3, 2, figsize=(8.6, 10), sharey=True)
for axes, name, letter in zip(grid.flat, settings, "abcdef", strict=True):
    rp.curves(axes, archive, name, "whole", title=f"({letter}) {name}")
rp.legend_below(figure)

# %% [markdown]
# ## The paper's conclusions, and what these networks say

# %% tags=["hide-input"]
rp.claims_table(archive, rp.OF_CHAPTER["s4_fig2_whole"])

# %% [markdown]
# On the contradiction between caption and text of Fig. 2: according to the text, panels (a) and (b) are similar to
# random and the others worse; according to the caption, (a) and (c) show little and (b) and (d) a negative correlation.
# The mean gap over the curve, lowest entropy or mutual information first, in percentage points with 95 % intervals:

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
# ## Exercises
#
# ```{exercise-start}
# :label: ex-fig2-where
# ```
# Where are the neurons that go first?
# Count how many of the 100 neurons with the lowest mutual information are in the first layer.
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
rp.table(["setting", "of the lowest 100, in layer 1"], rows)

# %% [markdown]
# ```{solution-end}
# ```
