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
# (sec-atlas-@architecture@)=
# # Atlas: @title@
#
# This page shows each layer and the whole network, ablated to zero, in the eight settings of this architecture.
# {ref}`sec-atlas` compares all settings, and {ref}`sec-explorer` has every curve with its numbers.

# %% tags=["parameters"]
architecture: str = "mnist"  # one of the paper's five
networks: int = 50  # at most how many networks of each setting

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
archive = rp.StoredResults(networks=networks)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the networks of these settings"}
rp.origins(archive, rp.names_of(architecture))

# %% [markdown]
# ## ReLU

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero in the settings of @title@ with ReLU neurons that have been computed, one row for each regularizer; columns are the @layers@ hidden layers and the whole network. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-atlas-@architecture@-relu"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, a row for each regularizer and a column for each layer; for mutual information, the gaps to random ablation stand in the atlas's first page."}} tags=["hide-input"]
figure = rp.atlas(archive, architecture, "relu")

# %% [markdown]
# ## Sigmoid

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero in the settings of @title@ with sigmoid neurons that have been computed, one row for each regularizer; columns are the @layers@ hidden layers and the whole network. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-atlas-@architecture@-sigmoid"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, a row for each regularizer and a column for each layer; for mutual information, the gaps to random ablation stand in the atlas's first page."}} tags=["hide-input"]
figure = rp.atlas(archive, architecture, "sigmoid")
