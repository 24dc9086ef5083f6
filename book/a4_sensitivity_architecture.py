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
# (sec-sensitivity-@architecture@)=
# # Scalings: @title@
#
# This page shows the settings of this architecture that appear in the paper's @parts@.
# They are ablated to zero, under three scalings of the pixels.
# {ref}`sec-sensitivity` says what the scalings are, and which verdicts depend on them.

# %% tags=["parameters"]
architecture: str = "mnist"  # mnist, fashion, small-fashion or cifar10
networks: int = 10  # at most how many networks of each setting and scaling

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
archives = rp.by_scaling(networks)

# %% where={"figures": "one"} mystnb={"figure": {"caption": "Cumulative ablation to zero under three scalings of the pixels; @title@. A row for each layer of each setting and for its whole network, a column for each scaling. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-scaling-@architecture@"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, three in a row for the three scalings; the first page on scalings has the verdicts that depend on them."}} tags=["hide-input"]
figure = rp.curves_beside(archives, rp.repeated(architecture))

# %% [markdown] where={"figures": "two"}
# ## ReLU

# %% where={"figures": "two"} mystnb={"figure": {"caption": "Cumulative ablation to zero under three scalings of the pixels; @title@, ReLU. A row for each layer of each setting and for its whole network, a column for each scaling. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-scaling-@architecture@-relu"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, three in a row for the three scalings; the first page on scalings has the verdicts that depend on them."}} tags=["hide-input"]
figure = rp.curves_beside(archives, rp.repeated(architecture, "relu"))

# %% [markdown] where={"figures": "two"}
# ## Sigmoid

# %% where={"figures": "two"} mystnb={"figure": {"caption": "Cumulative ablation to zero under three scalings of the pixels; @title@, sigmoid. A row for each layer of each setting and for its whole network, a column for each scaling. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-scaling-@architecture@-sigmoid"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, three in a row for the three scalings; the first page on scalings has the verdicts that depend on them."}} tags=["hide-input"]
figure = rp.curves_beside(archives, rp.repeated(architecture, "sigmoid"))
