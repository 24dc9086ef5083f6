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
# (sec-elsewhere)=
# # Other architectures, regularizers, optimizers
#
# {cite:t}`amjad2021` study networks of a few widths, trained by one optimizer with four kinds of regularization.
# They ask "whether our qualitative claims hold more generally (e.g., for underparameterized NNs that underfit, NNs with
# bottleneck layers, particularly wide layers, slim but deep NNs, or for NNs trained with different regularizers, etc.)"
# (Sec. VI).
# This chapter trains such networks and asks again.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - which effects of ablation survive when widths, regularizer or optimizer change,
# - how four of the paper's claims fare for each kind of network,
# - how to train such networks with this library.
#
# Reading time: about 10 minutes.
# ```

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k, mnist or fashion-mnist
networks: int = 3  # live: networks of each kind, at least 2
epochs: int = 5  # live: passes over the training samples
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
studies = rp.elsewhere_studies(source, dataset, networks, epochs, device)

# %% [markdown]
# ## What is trained
#
# Ten networks of each kind are trained on MNIST, and ten on Fashion-MNIST.
# All of this was chosen before the first of them was trained.
# A network of the paper has two hidden layers of 100 neurons; "10-10" stands for two of 10.
#
# | what changes | to what | all else |
# |:--|:--|:--|
# | architecture | narrow: 10-10 | ReLU and sigmoid; L2 of 10⁻⁴, RMSProp, 20 epochs |
# | | bottleneck: 100-10-100 | the same |
# | | slim and deep: six layers of 50 | the same |
# | | wide: 1000-1000 | ReLU; L2 of 10⁻⁴, RMSProp, 8 epochs |
# | regularizer | L1 of 10⁻⁵, on weights and biases | 100-100, ReLU, RMSProp, 20 epochs, no other regularizer |
# | | label smoothing of 0.1 {cite:p}`szegedy2016` | the same |
# | | early stopping, patience of 3 epochs {cite:p}`prechelt1998` | the same, at most 30 epochs |
# | | L2 of 10⁻³, ten times the paper's | the same |
# | | Gaussian noise of deviation 0.3 on the scaled pixels {cite:p}`bishop1995` | the same |
# | optimizer | SGD, momentum 0.9, learning rate 0.01 | 100-100, ReLU, L2 of 10⁻⁴, 20 epochs |
# | | AdamW, learning rate 0.001, decay 0.01 {cite:p}`loshchilov2019` | 100-100, ReLU, 20 epochs |
#
# The wide networks take forty times as long as the paper's, so they train for the fewest epochs that the paper allows
# itself.
# Early stopping looks at the validation accuracy and keeps the weights of the best epoch.
# The measures of a neuron come from the same validation samples.
#
# A kind of network is a {py:class}`nl.Setting <neuronlib.common.config.Setting>` with other values:

# %%
setting = nl.Setting(
    hidden=(100, 10, 100), dropout=(), l1=1e-5, optimizer="sgd", momentum=0.9
)
print(setting.describe())

# %% tags=["hide-input"]
rp.missing_elsewhere(studies)

# %% [markdown]
# The table has the mean over networks, with smallest and largest.
# The paper's settings have 50 networks; their training accuracy is not stored.
# The training loss is that of the last epoch, and of the best with early stopping.
# It includes Dropout, noise and smoothed labels.

# %% tags=["hide-input", "hide-output"]
rp.trained_elsewhere_table(studies)

# %% [markdown]
# Do the narrow networks underfit, as the paper asks?
# Then they classify even their training samples worse than larger networks classify new ones.
# Means with 95 % intervals over networks (Student's, as everywhere in this chapter but in the table of claims):

# %% tags=["hide-input"]
rp.markdown(rp.underfitting_summary(studies))

# %% [markdown]
# ## Two effects
#
# ```{admonition} Predict first
# :class: predict
# Each of ten neurons in a bottleneck has much to say.
# Will it help to know which of them has the least mutual information?
# ```
#
# The paper's abstract has two effects:
#
# - Within a layer, mutual information goes with importance: removing the lowest first does less harm than chance.
# - Over the whole network it does not, so "it is ill-advised to compare the proposed information-theoretic quantities
#   across layers".
#
# The figure has both effects for each kind of network.
# It includes the networks of {ref}`sec-convolutional`.

# %% mystnb={"figure": {"caption": "Accuracy under ablation ordered by mutual information less that under random ablation, in percentage points, mean over the curve. Left: each layer by itself, mean over layers. Right: one order over the whole network. Lowest first in blue, highest first in orange; filled for MNIST, hollow for Fashion-MNIST, or CIFAR-10 for the three kinds of {ref}`sec-convolutional`. Networks are ReLU unless a row says otherwise. Points are means over networks, lines 95 % intervals (Student's). Left of zero the order does more harm than chance.", "name": "fig-elsewhere-effects"}, "image": {"alt": "Two panels with a row for each kind of network and up to four marks in a row; the list below counts on which side of zero they lie."}} tags=["hide-input"]
figure = rp.effects_elsewhere(studies)
# %% [markdown]
# One kind is one row and one data set.
# Many tests at once find something by chance, so the list counts them before and after Holm's correction.
# It also counts the verdicts of the next section.

# %% tags=["hide-input"]
rp.markdown(rp.elsewhere_summary(studies))

# %% [markdown]
# ## Four claims, asked again
#
# Each claim is about other networks in the paper.
# We ask for the same effect, by the same rules ({ref}`sec-claims`), along the curves.
# The paper's second layer is its last hidden layer, so we ask the last one of deeper networks.
# An entry has two signs: the verdict as the paper means it, and what is established with a margin of 5 points.
#
# | sign | as the paper means it | established |
# |:--|:--|:--|
# | ✔ | reproduced | established |
# | ◐ | direction only | small |
# | ✘ | not reproduced | refuted |
# | ? | | cannot tell |
# | ○ | open: fewer than five networks | open |
#
# The number is that of the test that supports the claim least, in percentage points, with its interval.
# For MNIST:

# %% tags=["hide-input"]
rp.claims_elsewhere_table(studies)

# %% [markdown]
# ```{dropdown} The same for other images
# Fashion-MNIST, and CIFAR-10 for convolutions, residual networks and transformers.
# ```

# %% tags=["hide-input", "hide-output"]
rp.claims_elsewhere_table(studies, images="not MNIST")

# %% [markdown]
# ## What these networks say
#
# An answer is about ReLU networks and both data sets.
# "Holds" means for widths and regularizers:
#
# - Within layers, lowest mutual information first is better than random ablation.
# - It is better there than over the whole network.
#
# All intervals have to lie above zero, and the answer is "does not hold" if one lies below.
# No correction is needed for the number of intervals, because every single one has to agree.
# While some of these networks have not been computed, the answer is not "holds".
#
# Of optimizers the paper says: "the effects discussed below appear to be independent of the choice of optimizer and the
# optimizer parameters as long as the training converges without overfitting" (Sec. V).
# "Holds" means that both effects are those of RMSProp within 5 points, by two one-sided tests.
# The networks are paired: they start from the same weights and see the samples in the same order.

# %% tags=["hide-input"]
rp.open_questions_table(rp.answers_of_elsewhere(studies))

# %% [markdown]
# Each kind has ten networks, one depth and one strength of its regularizer.
# Other strengths may say otherwise.
#
# **Take with you: before you carry a finding over to another kind of network, ask for it again there.**

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-elsewhere-l1
# ```
# Train networks of 784-100-100-10 with an L1 penalty a hundred times as large, on `mnist-5k`.
# How many neurons of the first layer are dead?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-elsewhere-l1
# :class: dropdown
# ```
# `nl.train` counts dead neurons in its history:
# ```python
# setting = nl.Setting(dataset="mnist-5k", dropout=(), l1=1e-3, epochs=5)
# _, history = nl.train(setting, nl.load("mnist-5k"), networks=2)
# history.dead.sel(layer="1").isel(epoch=-1)
# ```
# The penalty pulls all weights of a neuron to zero unless the loss needs them, so some neurons die.
# Compare `l1=0.0`.
# ```{solution-end}
# ```
