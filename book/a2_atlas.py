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
# (sec-atlas)=
# # Atlas: all 40 settings
#
# Five architectures, ReLU or sigmoid neurons, and four regularizers make 40 settings.
# The figures below compare ordered with random ablation in each of them.
# The folded table has the networks of each setting; the name of a setting, such as `fashion-sigmoid-l2`, leads to its
# curves in the explorer.
#
# A page for each architecture has the curves of all layers side by side:
#
# - {ref}`sec-atlas-mnist`
# - {ref}`sec-atlas-fashion`
# - {ref}`sec-atlas-small-fashion`
# - {ref}`sec-atlas-cifar10`
# - {ref}`sec-atlas-funnel-cifar10`

# %% tags=["parameters"]
networks: int = 50  # at most how many networks of each setting

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
archive = rp.StoredResults(networks=networks)
deep = [name for name in rp.SETTINGS if "cifar10" in name]
two_layers = [name for name in rp.SETTINGS if name not in deep]
by_depth = [
    rp.gaps_by_layer(archive, names, "mutual_information")
    for names in (two_layers, deep)
]

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the networks of all settings"}
rp.origins(archive, rp.SETTINGS)

# %% [markdown]
# Suppose that neurons with more information matter more.
# Then lowest first stays above random ablation (right of zero), and highest first falls below it (left of zero).

# %% mystnb={"figure": {"caption": "Networks with two hidden layers: accuracy when neurons are ablated to zero in the order of mutual information minus that of random ablation, averaged over the curve, in percentage points. Means over networks with 95 % intervals; a row for each setting. Blue circles: lowest values first; red squares: highest first.", "name": "fig-atlas"}, "image": {"alt": "Three panels of points with intervals about zero, for layer 1, layer 2 and the whole network, a row for each setting; the folded table below has the numbers."}} tags=["hide-input"]
figure = rp.gaps_at_a_glance(by_depth[0])

# %% mystnb={"figure": {"caption": "Networks with four hidden layers: accuracy when neurons are ablated to zero in the order of mutual information minus that of random ablation, averaged over the curve, in percentage points. Means over networks with 95 % intervals; a row for each setting. Blue circles: lowest values first; red squares: highest first.", "name": "fig-atlas-deep"}, "image": {"alt": "Five panels of points with intervals about zero, one for each layer and one for the whole network, a row for each setting; the folded table below has the numbers."}} tags=["hide-input"]
figure = rp.gaps_at_a_glance(by_depth[1])

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of gaps"}
rows = [
    [name, scope, *(rp.signed(values.mean()) for values in gaps[name].values())]
    for of_depth in by_depth
    for scope, gaps in of_depth.items()
    for name in gaps
    if gaps[name]
]
rp.table(["setting", "layer", "lowest first (points)", "highest first"], rows)
