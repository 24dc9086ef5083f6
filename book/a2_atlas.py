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
# Here is what has been computed of each; search the page for a setting's name, such as `fashion-sigmoid-l2`.

# %% tags=["parameters"]
source: str = "store"  # only store: 40 settings are not computed on the spot
networks: int = 50  # at most how many networks of each setting

# %% tags=["hide-input"]
from neuronlib.archives import archive_from
from neuronlib.claim_pages import origins
from neuronlib.effects import gap
from neuronlib.pages import signed, table
from neuronlib.plots import use_house_style
from neuronlib.settings import SETTINGS
from neuronlib.small_multiples import atlas
from neuronlib.types import scopes

use_house_style()
archive = archive_from(source, [], networks, epochs=8)
computed = [name for name in SETTINGS if archive.has(name)]

# %% tags=["hide-input"]
origins(archive, SETTINGS)

# %% [markdown]
# The mean gap between ordered and random ablation over the whole curve, by mutual information, in percentage points;
# where the first number is positive and the second negative, neurons with more information matter more.

# %% tags=["hide-input"]
rows = []
for name in computed:
    for layer in scopes(SETTINGS[name].hidden):
        gaps = [
            gap(archive(name), layer, "mutual_information", way).mean()
            for way in ("low", "high")
        ]
        rows.append([name, layer, *map(signed, gaps)])
table(["setting", "layer", "lowest first", "highest first"], rows)

# %% [markdown]
# ## MNIST, 100-100

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero in all settings of MNIST, 100-100 that have been computed, one row for each; columns are the two hidden layers and the whole network. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-atlas-mnist"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, one row for each setting; the table at the top of the page gives the gaps to random ablation."}} tags=["hide-input"]
figure = atlas(archive, "mnist")

# %% [markdown]
# ## Fashion-MNIST, 100-100

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero in all settings of Fashion-MNIST, 100-100 that have been computed, one row for each; columns are the two hidden layers and the whole network. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-atlas-fashion"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, one row for each setting; the table at the top of the page gives the gaps to random ablation."}} tags=["hide-input"]
figure = atlas(archive, "fashion")

# %% [markdown]
# ## Fashion-MNIST, 20-20

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero in all settings of Fashion-MNIST, 20-20 that have been computed, one row for each; columns are the two hidden layers and the whole network. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-atlas-small-fashion"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, one row for each setting; the table at the top of the page gives the gaps to random ablation."}} tags=["hide-input"]
figure = atlas(archive, "small-fashion")

# %% [markdown]
# ## CIFAR-10, 250-500-250-500

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero in all settings of CIFAR-10, 250-500-250-500 that have been computed, one row for each; columns are the four hidden layers and the whole network. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-atlas-cifar10"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, one row for each setting; the table at the top of the page gives the gaps to random ablation."}} tags=["hide-input"]
figure = atlas(archive, "cifar10")

# %% [markdown]
# ## CIFAR-10, 1000-750-500-250

# %% mystnb={"figure": {"caption": "Cumulative ablation to zero in all settings of CIFAR-10, 1000-750-500-250 that have been computed, one row for each; columns are the four hidden layers and the whole network. Lines are means over networks, bands one standard deviation. Blue: entropy; red: mutual information; green: KL selectivity; grey: random. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-atlas-funnel-cifar10"}, "image": {"alt": "Small panels of test accuracy against ablated neurons, one row for each setting; the table at the top of the page gives the gaps to random ablation."}} tags=["hide-input"]
figure = atlas(archive, "funnel-cifar10")
