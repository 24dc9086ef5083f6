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
# (sec-convolutional)=
# # Convolutions, residual networks, transformers
#
# Do the paper's findings hold for networks that are no row of fully connected layers?
# And what is the value of a channel, which has one output for each position of the image?
# {cite:t}`amjad2021` leave both questions open: "The analysis of different NN classes such as convolutional NNs, recurrent
# NNs, or residual NNs, will require more careful tailoring of our current approach" (Sec. VI).
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how to measure and ablate the channels of a network that you did not build for it,
# - which of the paper's findings hold for convolutions, residual networks and transformers,
# - how the measures compare with published criteria for pruning channels.
#
# Reading time: about 12 minutes.
# ```
#
# The paper names the difficulty.
# A channel of a convolution has one output for each position of the image, so it is not clear what its value is.
# It calls it "a naive way … to consider each 'pixel' of a latent activation map separately".
# The authors "believe that one should define quantities that represent the information content of each output channel
# instead".
# This chapter tries five such quantities, and asks the paper's questions of each channel.

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k, mnist, fashion-mnist or cifar10
networks: int = 3  # live: networks of each architecture, at least 2
epochs: int = 5  # live: passes over the training samples
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import torch

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
studies = rp.classifier_studies(source, dataset, networks, epochs, device)

# %% [markdown]
# ## Watching a network
#
# {py:func}`nl.watch <neuronlib.networks.watched.watch>` takes a trained module as it is.
# It finds what stands behind activation functions: channels of convolutions, and features of a transformer's hidden
# layers.
# All that follows, such as {py:func}`nl.measure <neuronlib.information.measuring.measure>`, takes the result like the
# fully connected networks of the other chapters.

# %%
model = rp.classifier("residual", (3, 32, 32), 10)
watched = nl.watch(model, torch.zeros(1, 3, 32, 32))
print(*watched.layers.values(), sep="\n")

# %% [markdown]
# ## The networks
#
# Three architectures are trained, each as small as still classifies these images well:
#
# - A convolutional network has three convolutions with batch normalization, ReLU and pooling, then a hidden layer.
# - The residual network is the smallest of the family that {cite:t}`he2016` made for CIFAR-10. It has three blocks.
# - The vision transformer {cite:p}`dosovitskiy2021` has three blocks. Its neurons are those of its hidden layers, behind
#   GELU.
#
# Images are split and scaled as in {ref}`sec-setup`.
# {py:func}`rp.train_classifier <neuronlib.reproduction.compute.classifiers.train_classifier>` says how the networks learn.
# Accuracy is the mean over networks, with smallest and largest.

# %% tags=["hide-input"]
rp.networks_table(studies)

# %% [markdown]
# Layers are numbered in the order in which they are computed:

# %% tags=["hide-input"]
rp.layer_names_table(studies)

# %% [markdown]
# A channel's value is its mean over positions, and it counts as active above zero, unless a section says otherwise.
# For outputs of ReLU this mean is above zero as soon as one position is active, so one bit of it is often constant.
# The measures come from the validation samples; ablated networks classify test samples.
#
# ## Do the measures rise with depth?
#
# In the paper's Fig. 1, all three measures rise from the first hidden layer to the last ({ref}`sec-fig1-distributions`).
# One bit of the mean is constant for many channels, so the figure also takes four values, cut at the quartiles.

# %% mystnb={"figure": {"caption": "What channels and features say, a violin for each layer, in bits: entropy and mutual information of one bit of their mean (two values), and mutual information and KL selectivity of four values. A row for each kind of network. A violin holds the neurons of all networks; bars mark minimum, maximum and mean, the dotted bar the median.", "name": "fig-classifiers-measures"}, "image": {"alt": "A grid of violins by layer; the table below has the rank correlation between depth and the mean of each measure."}} tags=["hide-input"]
figure = rp.measures_by_layer(studies)
# %% [markdown]
# Spearman's correlation between depth and the mean over a layer is +1 if every layer has more than the one before.
# The table shows the mean over networks with its 95 % interval, for one bit (two values) and for four values.
# Four values cut at the quartiles have the same entropy in every channel, so there is nothing to compare.
# With so few networks, all intervals of this chapter are Student's.

# %% tags=["hide-input"]
rp.trend_table(studies)

# %% [markdown]
# ## Layer by layer: does the order matter?
#
# In the paper's networks, removing the lowest mutual information first does less harm than random removal, and removing
# the highest first does more ({ref}`sec-fig3-mnist`).
# Channels are ablated to zero here, in steps of a tenth of the layer.

# %% mystnb={"figure": {"caption": "Accuracy under ablation ordered by mutual information less that under random ablation, in percentage points, mean over the curve: each layer by itself, and one order over the whole network. Lowest first in blue, highest first in orange. Points are means over networks, lines 95 % intervals (Student's). Left of zero the order does more harm than chance.", "name": "fig-classifiers-gaps"}, "image": {"alt": "Panels with two marks for each layer, one for lowest and one for highest values first; the sentences below count on which side of zero they lie."}} tags=["hide-input"]
figure = rp.gaps_of_layers(studies, "mutual_information")
# %% tags=["hide-input"]
rp.markdown(rp.layers_told(studies))

# %% [markdown]
# ## The whole network: does ranking across layers fail again?
#
# ```{admonition} Predict first
# :class: predict
# Which layer will an order over the whole network empty first?
# Will a residual network suffer more than a transformer?
# ```
#
# In the paper's networks, one order over all layers fails: the lowest values are mostly in the first layer, which is
# needed most ({ref}`sec-fig2-whole`).

# %% mystnb={"figure": {"caption": "Test accuracy when one order takes channels or features from all layers: lowest mutual information first, highest first, and at random. A panel for each kind of network. Lines are means over networks, bands one standard deviation.", "name": "fig-classifiers-whole"}, "image": {"alt": "Panels of three falling curves; the sentences below say how far apart they are."}} tags=["hide-input"]
figure = rp.whole_curves(studies, "mutual_information")
# %% [markdown]
# The list gives the gaps to random ablation over the whole network.
# It also names the layer with the lowest mutual information and the layer that the network needs most.

# %% tags=["hide-input"]
rp.markdown(rp.whole_told(studies))

# %% [markdown]
# ## What is a channel's value?
#
# We compare five answers for the same channels:
#
# - their mean over positions,
# - their maximum over positions,
# - the share of active positions,
# - each position as a sample of its own, the paper's naive way,
# - the mean, with four values of the quantizer in place of two.
#
# The last one follows the paper's belief "that finer quantization may shed light on the effects of batch normalization".

# %% mystnb={"figure": {"caption": "What a channel's value is, and how much that matters: accuracy when the lowest mutual information is removed first, less that under random removal, in percentage points. Mean over the curve and over layers; points are means over networks, lines 95 % intervals (Student's). A transformer's tokens are its positions.", "name": "fig-classifiers-summaries"}, "image": {"alt": "Five rows of marks, one mark for each kind of network; further right means that the order does less harm."}} tags=["hide-input"]
figure = rp.beside_each_other(
    rp.summary_gaps(studies), "lowest first less random (points)"
)
# %% [markdown]
# A channel that has the same value for all images says nothing by that quantity, and its order is left to chance.
# The share of such channels and features, in percent:

# %% tags=["hide-input"]
rp.constant_table(studies)

# %% [markdown]
# ## Beside published criteria
#
# The literature on pruning ranks channels by other scores:
#
# - the size of incoming weights {cite:p}`li2017`,
# - the first-order change of the loss {cite:p}`molchanov2017`,
# - the scale of batch normalization {cite:p}`liu2017`,
# - the rank of a channel's outputs as a matrix {cite:p}`lin2020`.
#
# Criteria are compared on the layers that every criterion of that network orders.
# The lowest values go first, and nothing is re-trained.

# %% mystnb={"figure": {"caption": "The paper's measures beside published criteria: accuracy when the lowest values are removed first, less that under random removal, in percentage points. Mean over the curve and over the layers that every criterion of that network orders; points are means over networks, lines 95 % intervals (Student's). A criterion that a network lacks has no mark.", "name": "fig-classifiers-criteria"}, "image": {"alt": "Nine rows of marks, one mark for each kind of network; further right means that the criterion finds channels that can be spared."}} tags=["hide-input"]
figure = rp.beside_each_other(
    rp.criterion_gaps(studies), "lowest first less random (points)"
)
# %% [markdown]
# ```{dropdown} Do the paper's measures rank channels as published criteria do?
# Spearman's correlation within a layer, the mean over layers, with its 95 % interval over networks (Student's).
# A dash: no layer of that network has the criterion.
# ```

# %% tags=["hide-input", "hide-output"]
rp.criteria_agreement_table(studies)

# %% [markdown]
# ## How long it takes
#
# Nothing before the ablated layer is computed twice, and a linear map behind it is only updated by what one channel
# contributes.
# The table shows the time for one ablated state of a small convolutional network.
# A plain loop over hooks does the same curve, and Captum {cite:p}`kokhlikyan2020` ablates each channel by itself.
# A ratio above 1 means that the other takes longer: the median over repetitions, with smallest and largest.

# %% tags=["hide-input"]
rp.watching_table(rp.read_benchmark("watching"))

# %% [markdown]
# ## What these networks say

# %% tags=["hide-input"]
rp.classifier_conclusions(studies)

# %% [markdown]
# Three to five networks of a kind are few, and all of them are small.
# Larger ones may differ.
#
# **Take with you: say which value of a channel you measured, and with how many bits, before you call it unimportant.**

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-channel-value
# ```
# A channel is active at a tenth of all positions of every image.
# Which of the five quantities call it constant, so that it says nothing about the class?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-channel-value
# :class: dropdown
# ```
# Its mean and its maximum are above zero for every image, so with one bit both are constant.
# The share of active positions is never above one half, so its bit is constant, too.
# With each position a sample, the bit varies like a coin that falls on one side in a tenth of all throws.
# It still says nothing about the class if the share is the same for all classes.
# Four values of the mean vary if the size of its outputs does, and may say something.
# ```{solution-end}
# ```
