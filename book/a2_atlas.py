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
# Here is what has been computed of each; search the page for a setting's name, such as `fashion-sigmoid-l2`, and follow
# it to its curves in the explorer. A page for each architecture has the curves of all layers side by side:
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
gaps = rp.gaps_by_layer(archive, rp.SETTINGS, "mutual_information")

# %% tags=["hide-input"]
rp.origins(archive, rp.SETTINGS)

# %% [markdown]
# Where neurons with more information matter more, accuracy stays above random ablation while those with the least go
# first, and falls below it while those with the most go first.

# %% mystnb={"figure": {"caption": "Accuracy when neurons are ablated to zero in the order of mutual information, less that of random ablation, mean over the whole curve: percentage points, means over networks with 95 % intervals, a row for each setting that has been computed. Blue circles: lowest values first; red squares: highest first. Two-layer networks have no marks in the panels of layers 3 and 4.", "name": "fig-atlas"}, "image": {"alt": "Five panels of points with intervals about zero, one for each layer and one for the whole network, a row for each setting; the folded table below has the numbers."}} tags=["hide-input"]
figure = rp.gaps_at_a_glance(gaps)

# %% tags=["hide-cell"]
rows = [
    [name, scope, *(rp.signed(values.mean()) for values in gaps[scope][name].values())]
    for name in rp.SETTINGS
    for scope in gaps
    if gaps[scope].get(name)
]
rp.table(["setting", "layer", "lowest first", "highest first"], rows)
