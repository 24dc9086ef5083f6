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
# (sec-sensitivity-fashion)=
# # Scalings: Fashion-MNIST, 100-100
#
# The settings of this architecture that the paper's figures and its Sec. V-D show, ablated to zero, under three scalings
# of the pixels; {ref}`sec-sensitivity` says what the scalings are, and which verdicts depend on them.

# %% tags=["parameters"]
networks: int = 10  # at most how many networks of each setting and scaling

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
archives = rp.by_scaling(networks)

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero under three scalings of the pixels; Fashion-MNIST, 100-100. A row for each layer of each setting and for its whole network, a column for each scaling. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-scaling-fashion"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, three in a row for the three scalings; the first page on scalings has the verdicts that depend on them."}} tags=["hide-input"]
figure = rp.curves_beside(archives, rp.repeated("fashion"))
