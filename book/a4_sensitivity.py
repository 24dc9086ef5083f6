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
# # What depends on choices that the paper leaves open
#
# Which verdicts depend on the scaling of the pixels and on the number of epochs?
# The paper states neither, except that each setting was trained for 8 to 30 epochs.
#
# Three scalings are usual:
#
# - *unit*: to [0, 1];
# - *symmetric*: to [−1, 1];
# - *standard*: to mean 0 and standard deviation 1 over the training pixels of each channel.
#
# This book takes the standard scaling *because pilot networks with it agreed best with the paper's numbers and panels*.
# That is an inference, not a fact, and it favours the paper.
#
# So we cross both choices for the settings of the paper's figures and of its Sec. V-D.
# Each setting is trained under each scaling.
# It is measured and ablated three times in one run: after 8 epochs, after the pilots' number of epochs, and after 30.
# Every claim is asked again under all nine choices, from 10 networks of a setting, or 5 on CIFAR-10.
#
# The {ref}`scoreboard <sec-claims>` has up to 50 networks of a setting.
# If its verdict differs from the one here for the book's own choice (marked ▸), the number of networks is the reason.
# The ablation curves side by side are on the pages on {ref}`MNIST <sec-sensitivity-mnist>`,
# {ref}`Fashion-MNIST <sec-sensitivity-fashion>`, {ref}`Fashion-MNIST with small networks <sec-sensitivity-small-fashion>`
# and {ref}`CIFAR-10 <sec-sensitivity-cifar10>`.
#
# The scaling matters because of *dead* neurons, ReLU neurons with output zero for every validation sample.
# They have no entropy, so an order by information ablates them first, at no cost.
# A random order meets them anywhere.
# That alone opens a gap between the two orders, whatever the rest of the layer does (see the exercise).
#
# An *always-on* neuron has no entropy under the one-bit quantizer either, but its ablation may cost a lot.
# A sigmoid neuron is dead if it is never above 0.5, and always on if it is always above 0.5.
#
# The pilots' epochs are those of the standard scaling for all three, so that nothing but the scaling differs.
# Networks of all nine choices have equal initial weights and orders of samples.

# %% tags=["parameters"]
networks: int = 10  # networks a setting and scaling at most, below the verdicts

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
choices = rp.by_choice()
archives = rp.by_scaling(networks)
counted = rp.by_scaling(50)
architectures = ["mnist", "fashion", "small-fashion", "cifar10"]
shown = [name for architecture in architectures for name in rp.repeated(architecture)]

# %% [markdown]
# The folded table has the networks and the test accuracy of each setting.
# The funnel-shaped CIFAR-10 networks are not repeated.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the test accuracy of each setting"}
rp.accuracy_by_choice(choices, shown)

# %% [markdown]
# ## Verdicts
#
# The table counts the 85 claims by how many of the nine choices they hold under.
# Each counts by its reading most in the paper's favour.
# Claims about settings that are not repeated here are open.

# %% tags=["hide-input"]
compared = rp.compare_claims(choices)
rp.choices_table(compared)

# %% [markdown]
# The folded table has the claims whose verdict depends on the choice.
# Each entry has a line for 8 epochs, for the pilots' number and for 30.
# Each line has two signs: as the paper means it, and established (✔ yes, ◐ only in direction or small, ? cannot tell,
# ✘ no).

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the claims that depend on the choice"}
rp.claims_by_choice(compared)

# %% [markdown]
# ## The fourteen numbers

# %% mystnb={"figure": {"caption": "The paper's numbers under nine choices: ordered minus random accuracy, in points. Each title names the setting, the layer and the ablated neurons. Line: the paper's number. Band: where the mean of a replication with as many networks lies in 95 % of cases. Blue: standard; orange: symmetric; green: unit. Triangle down: 8 epochs; circle: the pilots' number; triangle up: 30. Points are means with 95 % intervals over networks; the ring is the book's own choice.", "name": "fig-specification"}, "image": {"alt": "A panel for each number and reading, with up to nine points beside a line and a band; the table below says how near each choice is on average."}} tags=["hide-input"]
figure = rp.specification_curve(compared)

# %% [markdown]
# How near does each choice come to the paper's numbers?
# The table has the mean distance over the numbers that every choice answers.
# A number with two readings counts by the nearer one.
# The last column counts the claims that each choice reproduces, among those that are open under none.
# Bold is the nearest, and ▸ is the book's own choice.

# %% tags=["hide-input"]
rp.agreement_table(compared)

# %% tags=["hide-input"]
rp.nearest_choices(compared)

# %% [markdown]
# ## Dead and always-on neurons
#
# The folded table has the shares at the end of training, in percent of each layer.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the shares of dead and always-on neurons"}
rp.constant_shares(archives, shown)

# %% [markdown]
# The figures have the shares after each epoch, as means over networks.
# The first networks of the standard scaling lack these counts and are not included.
# A setting has no row if both shares stay below one percent in every layer.

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; MNIST, 100-100. A row for each setting with such neurons, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-mnist"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("mnist"))

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; Fashion-MNIST, 100-100. A row for each setting with such neurons, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-fashion"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("fashion"))

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; Fashion-MNIST, 20-20. A row for each setting with such neurons, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-small-fashion"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("small-fashion"))

# %% mystnb={"figure": {"caption": "Dead neurons (solid) and always-on neurons (dashed) of each hidden layer after each epoch, in percent of the layer, means over networks; CIFAR-10, 250-500-250-500. A row for each setting with such neurons, a column for each scaling. Colours are layers: blue 1, orange 2, green 3, pink 4.", "name": "fig-constant-cifar10"}, "image": {"alt": "Small panels of lines against epochs; the table above gives about the percentages they end at, of the first networks."}} tags=["hide-input"]
figure = rp.constant_neurons(counted, rp.repeated("cifar10"))

# %% [markdown]
# ## What can be computed further
#
# `neuronlib run mnist-relu-l2 --networks 20 --scaling unit` brings a setting to twenty networks under another scaling.
# They are stored beside the others, and `-p networks=20` shows them here.
# With `--epochs 8 30` they are measured and ablated after 8 and after 30 epochs of one training.
#
# ```{exercise}
# :label: ex-sensitivity-dead
#
# In a layer of $m$ neurons, a share $d$ is dead and all others vary.
# Suppose that accuracy depends only on how many of the others are left.
# How large is the gap between lowest entropy first and random ablation after $n = dm$ neurons?
# ```
#
# ```{solution} ex-sensitivity-dead
# :class: dropdown
#
# The order by entropy has ablated only dead neurons, and still has the full accuracy $A(m - dm)$.
# A random order has met $dn = d^2 m$ dead ones on average.
# So it has ablated $(1 - d)\,dm$ of the $(1 - d)\,m$ others, a share $d$ of them.
# Up to the spread of that number, the gap is $A\big((1 - d)m\big) - A\big((1 - d)^2 m\big)$.
#
# The gap is zero at $d = 0$, and at $d = 1$, where nothing is left to lose.
# In between it is positive.
# If accuracy is linear in the number of neurons left, it is proportional to $d(1 - d)$.
# Nothing in it says how much the living neurons know.
# ```
