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
# (sec-sensitivity)=
# # How much depends on the scaling of the pixels
#
# The paper does not say how pixels are scaled before they enter a network, and three scalings are usual: to [0, 1]
# (*unit*), to [−1, 1] (*symmetric*), and to mean 0 and standard deviation 1 over the training pixels of each
# channel (*standard*).
# This book takes the last, because pilot networks with it agreed best with the paper's numbers and panels; that is an
# inference, not a fact.
# So here the settings that the paper's figures and its Sec. V-D show are trained under each scaling and ablated to zero,
# and every claim is asked again that this can answer.
# The ablation curves side by side are on the pages on {ref}`MNIST <sec-sensitivity-mnist>`,
# {ref}`Fashion-MNIST <sec-sensitivity-fashion>`, {ref}`Fashion-MNIST with small networks <sec-sensitivity-small-fashion>`
# and {ref}`CIFAR-10 <sec-sensitivity-cifar10>`.
#
# The choice matters by way of *dead* neurons: ReLU neurons that put out zero for every validation sample.
# They have no entropy, so an order by information ablates them first, which costs nothing, while a random order meets
# them anywhere; that alone opens a gap between the two, whatever the rest of the layer does (see the exercise).
# A neuron that is *always on* has no entropy under the one-bit quantizer either, but its ablation may cost a lot.
# Of sigmoid neurons, dead means never above 0.5, and always on means always above it.
#
# Epochs are those chosen by pilots under the standard scaling, for all three, so that nothing but the scaling differs.
# The networks of the three columns have equal initial weights and orders of samples.

# %% tags=["parameters"]
networks: int = 10  # at most how many networks of each setting and scaling

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
archives = rp.by_scaling(networks)
counted = rp.by_scaling(50)
architectures = ["mnist", "fashion", "small-fashion", "cifar10"]
shown = [name for architecture in architectures for name in rp.repeated(architecture)]

# %% [markdown]
# What has been computed of each setting, and its test accuracy; the funnel-shaped CIFAR-10 networks are left out.

# %% tags=["hide-input"]
rows = []
for name in shown:
    row = [name]
    for archive in archives.values():
        there = archive.has(name)
        last = archive(name)["history"].test_accuracy.isel(epoch=-1) if there else None
        row.append(f"{100 * last.mean():.1f} ({last.size})" if there else "not yet")
    rows.append(row)
rp.table(["setting", *(f"{one}: accuracy in % (networks)" for one in archives)], rows)

# %% [markdown]
# ## Verdicts
#
# The claims that are numbers, with our number, its 95 % interval and the verdict under each scaling, by the rules of
# {ref}`sec-claims`.

# %% tags=["hide-input"]
compared = rp.compare_claims(archives)
rp.verdicts_beside([one for one in compared if one.claim.kind == "number"])

# %% [markdown]
# Of all claims and their readings:

# %% tags=["hide-input"]
answered = [one.depends for one in compared]
names = {False: "same verdict under all three", True: "verdict depends on the scaling"}
names[None] = "open under at least one"
rp.table(
    ["", "claims and readings"], [[names[key], answered.count(key)] for key in names]
)

# %% [markdown]
# Those that depend on it:

# %% tags=["hide-input"]
rp.verdicts_beside([one for one in compared if one.depends])

# %% [markdown]
# ## Dead and always-on neurons
#
# Once training is over, in percent of each layer:

# %% tags=["hide-input"]
rp.constant_shares(archives, shown)

# %% [markdown]
# And after each epoch, means over those stored networks for which this was counted; for the first networks of the
# standard scaling it was not:

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; MNIST, 100-100. A row for each setting, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-mnist"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("mnist"))

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; Fashion-MNIST, 100-100. A row for each setting, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-fashion"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("fashion"))

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; Fashion-MNIST, 20-20. A row for each setting, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-small-fashion"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("small-fashion"))

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; CIFAR-10, 250-500-250-500. A row for each setting, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-cifar10"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("cifar10"))

# %% [markdown]
# ## What can be computed further
#
# `neuronlib run mnist-relu-l2 --networks 20 --scaling unit` brings a setting to twenty networks under another scaling;
# they are stored beside the others, and `-p networks=20` shows them here.
#
# ```{exercise}
# :label: ex-sensitivity-dead
#
# Take a layer of $m$ neurons of which a share $d$ is dead and all others vary, and whose accuracy depends only on how many
# of the others are left. How large is the gap between ablating the lowest entropy first and ablating at random once
# $n = dm$ neurons are gone?
# ```
#
# ```{solution} ex-sensitivity-dead
# :class: dropdown
#
# The order by entropy has ablated the dead neurons only and still has the full accuracy $A(m - dm)$.
# A random order has met $dn = d^2 m$ dead ones on average, so $(1 - d)\,dm$ of the $(1 - d)\,m$ others are gone: a share
# $d$ of them. Up to the spread of that number, the gap is $A\big((1 - d)m\big) - A\big((1 - d)^2 m\big)$: zero at
# $d = 0$, and at $d = 1$, where nothing is left to lose; in between positive, and proportional to $d(1 - d)$ where accuracy is linear in the number of neurons
# left. Nothing in it says how much the living neurons know.
# ```
