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
# (sec-learning)=
# # Rewarding information while training
#
# If informative neurons matter, does a network get better when training asks for them?
# {cite:t}`amjad2021` suggest it in Sec. VI: "once it is understood that deeper layers are characterized by higher mutual
# information with the class variable, this characteristic can be explicitly rewarded by designing appropriate loss
# function terms".
# They train no such network, so this chapter does.
#
# {cite:t}`leavitt2021` did so with another quantity, class selectivity, in convolutional networks.
# Less of it left accuracy alone or improved it, and "regularizing to increase class selectivity significantly decreased
# test accuracy across all models and datasets".
# Is that so in the paper's networks, and for information too?
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how a measure that counts bits becomes a term of the loss,
# - what the reward and the penalty do to accuracy, calibration, robustness and redundancy,
# - how to judge hundreds of comparisons of ten networks without fooling yourself.
#
# Reading time: about 12 minutes.
# ```

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k (embedded), mnist or fashion-mnist
networks: int = 3  # live: networks of each strength, at least 2
epochs: int = 5  # live: passes over the training samples
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import torch

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
studies = rp.reward_studies(source, dataset, networks, epochs, device)
effects = rp.effects_of(studies)
rp.missing_told(studies, source)

# %% [markdown]
# ## Soft bits in two neurons
#
# A neuron's bit says whether it is active: whether its pre-activation $z$, the input of the activation function, is above
# zero.
# Counting bits gives no gradient, since a small change of a weight changes no bit.
# A *soft bit* lies between 0 and 1, and changes a little whenever the weights do:
#
# ```{math}
# s = \operatorname{sigmoid}\Bigl(\frac{z}{\tau\,\sigma_z}\Bigr)
# ```
#
# Here $\sigma_z$ is the standard deviation of $z$ over the mini-batch, and $\tau$ is the temperature.
# The sum of the soft bits over the samples of a class takes the place of a count.
# With such counts, mutual information and KL selectivity are what {ref}`sec-measures` says.
#
# Two neurons see six samples, three of each of two classes.
# The first neuron separates the classes, and the second does not.

# %%
z = torch.tensor(
    [[2.0, 0.5], [1.5, -0.5], [1.0, 1.0], [-1.0, -1.0], [-1.5, 0.5], [-2, -0.5]]
)
labels = torch.tensor([[0, 0, 0, 1, 1, 1]])
rows = [
    [
        temperature,
        *nl.training.rewarded_term(
            "mutual_information", z[None], z[None].relu(), labels, 2, temperature
        )[0].tolist(),
    ]
    for temperature in (1.0, 0.25, 0.001)
]
rp.table(["temperature", "first neuron (bits)", "second neuron (bits)"], rows)

# %% [markdown]
# As the temperature falls, the soft value approaches the mutual information of the bits.
# All studies here have temperature 0.25.
# Dividing by $\sigma_z$ closes a loophole: without it, larger weights alone would make bits harder and earn a reward.
#
# ## Training with a reward
#
# Cross-entropy is what training minimizes anyway.
# The mean of the term over the $n$ neurons of the last hidden layer is subtracted, times a strength $\alpha$:
#
# ```{math}
# \text{loss} = \text{cross-entropy} - \frac{\alpha}{n} \sum_{j=1}^n \text{term}_j
# ```
#
# A positive strength rewards, a negative one penalises.
# {py:func}`nl.train_rewarding <neuronlib.training.rewarded.train_rewarding>` does it for any setting without Dropout and
# batch normalization:

# %%
data = nl.load("mnist-5k")
setting = rp.paper_setting(
    "mnist-5k", regularizer="none", hidden=(50, 25), batch_size=128, epochs=5
)
for strength in (0.0, 1.0):
    trained, _ = nl.train_rewarding(setting, data, 2, "mutual_information", strength)
    measured = nl.measure(trained, data.validation).mutual_information
    of_last_layer = measured.isel(neuron=measured.layer == "2")
    print(f"strength {strength}: {of_last_layer.mean().item():.3f} bits a neuron")

# %% [markdown]
# ## What was compared
#
# Three terms are rewarded and penalised:
#
# | term | of one neuron | unit |
# |:--|:--|:--|
# | mutual information | what its bit says of the class | bits |
# | KL selectivity | what its bit says of its best class | bits |
# | class selectivity {cite:p}`leavitt2021` | (largest class mean − mean of the others) / their sum, of outputs | 0 to 1 |
#
# The networks have two layers of 100 ReLU neurons, trained for ten epochs without another regularizer.
# All of this was fixed before any network was trained:
#
# - Strengths are 0.03, 0.1, 0.3, 1 and 3, with both signs, and 0.
#   At the largest, the term is as large as the cross-entropy; at the smallest, it is small beside it.
# - A mini-batch has 128 samples, also at strength 0, where the paper has 32.
#   A batch of 32 has about three samples of each class, too few to count.
# - Network $k$ has the same initial weights and the same order of samples at all strengths.
#   So each network is compared with itself.
# - {cite:t}`leavitt2021` reward the mean over all layers; here it is the last hidden layer alone.
#
# Networks without a reward (strength 0), means with 95 % intervals over networks:

# %% tags=["hide-input"]
rp.unrewarded_table(studies)

# %% [markdown]
# *Calibration error* is the mean distance between confidence and accuracy, in 15 bins of confidence {cite:p}`guo2017`.
# *Random ablation* is the mean accuracy while a layer is ablated to zero in random order, from none of its neurons to all.
# *Redundancy* is the sum of what the neurons of the last hidden layer say one by one, divided by a lower bound on what
# they say together ({ref}`sec-groups`).
# At 5 neurons, each bit of information is in five neurons on average.
#
# ## What the layer looks like
#
# The measures below are those of the paper, with hard bits, on validation samples that training has not seen.

# %% mystnb={"figure": {"caption": "The last hidden layer of the trained networks, by the strength of the reward: mean mutual information, KL selectivity and class selectivity of its neurons, and the share of neurons whose bit is the same for all validation samples. A column for each data set, a line for each term. Marks are means over networks, vertical lines 95 % intervals. Strengths are evenly spaced on a logarithmic scale on both sides of 0.", "name": "fig-learning-layer"}, "image": {"alt": "A grid of panels with three lines each, over strengths from -3 to 3; the list at the end of the chapter has the numbers at the middle strengths."}} tags=["hide-input"]
figure = rp.layer_by_strength(studies)

# %% [markdown]
# A constant bit need not be a silent neuron.
# A ReLU neuron that is active for every sample has a constant bit, and its output may still tell the classes apart.
# So a penalty can empty the bits and leave the network its information.
#
# ## Is the network better?
#
# ```{admonition} Predict first
# :class: predict
# Each neuron of the last hidden layer is made to say more of the class.
# Does the network classify better?
# Does it lose less when neurons are removed at random?
# ```

# %% mystnb={"figure": {"caption": "Difference to the same networks without a reward, by the strength of the reward. Rows: test accuracy, calibration error (lower is better), mean accuracy under random ablation of the last hidden layer, and redundancy of that layer. A column for each data set, a line for each term. Marks are means over networks, vertical lines 95 % intervals. A mark is filled if its difference is told from zero after correction for all comparisons of this chapter.", "name": "fig-learning-effects"}, "image": {"alt": "A grid of panels with three lines each, which meet at zero for strength 0; the tables below count where they are higher and lower."}} tags=["hide-input"]
figure = rp.effects_by_strength(effects)

# %% [markdown]
# ## How many comparisons, how many networks
#
# A difference needs more than an interval here, since there are hundreds of them.
# Holm's method corrects p-values for their number, whatever they have to do with each other.
# With few networks it cannot succeed, however large the differences are.
#
# Flips of signs {cite:p}`westfall1993` can.
# If a reward changed nothing, each network would be as likely to differ one way as the other.
# So all differences of one network get the other sign at once, in every combination of networks.
# The corrected p-value is the share of these flips in which some difference of the chapter is as far from zero.

# %% tags=["hide-input"]
rp.correction_told(effects)

# %% [markdown]
# The table has the middle strength of the scale, with both signs.
# *p* is that of the exact Wilcoxon test, without a correction.

# %% tags=["hide-input"]
rp.rewards_table(effects)

# %% [markdown]
# At how many of the strengths is an outcome higher, or lower, than without a reward?
# Only differences that remain after correction by flips of signs count:

# %% tags=["hide-input"]
rp.rewards_counted(effects)

# %% [markdown]
# ```{dropdown} All comparisons
# Every outcome at every strength, as in the tables above.
# Pruned networks lose half or nine tenths of the last hidden layer, at random or by lowest mutual information, with
# nothing done afterwards.
# ```

# %% tags=["hide-cell"]
rp.rewards_table(effects, every=True)

# %% [markdown]
# ## What these networks say

# %% tags=["hide-input"]
rp.rewards_told(effects)

# %% [markdown]
# The paper's sentence, and that of {cite:t}`leavitt2021`, beside what was found.
# A sentence holds if at least one strength agrees with it in every data set after correction, and none contradicts it.
# Accuracy counts as kept if a penalty divides the quantity by 2.5 and the whole interval of accuracy lies above −0.5
# points:

# %% tags=["hide-input"]
rp.open_questions_table(rp.answers_of_rewards(effects))

# %% [markdown]
# These are small networks on easy images, and one way of making bits soft.
# A term that rewards what a layer says as a whole, not neuron by neuron, might do otherwise.
#
# **Take with you: a quantity that tells good neurons from bad ones in a trained network need not be worth rewarding.
# Train with the reward, compare each network with itself, and correct for everything you tried.**

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-learning-copies
# ```
# All neurons of a layer are exact copies of one neuron, whose bit says 1 bit of the class.
# There are ten equally frequent classes.
# What is the mean mutual information of the layer, and what is the best accuracy that these bits allow?
# Which of the two does the reward see?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-learning-copies
# :class: dropdown
# ```
# Each neuron says 1 bit, the most that one bit can say, so the mean is 1 bit and the reward is at its largest.
# All neurons together still say 1 bit, while ten classes take $\log_2 10 \approx 3.3$ bits.
# The bit divides the classes into two halves of five, so the best guess is right for one sample in five.
# The reward sees each neuron by itself: cross-entropy alone keeps the neurons from becoming copies.
# ```{solution-end}
# ```

# %% [markdown]
# ```{exercise-start}
# :label: ex-learning-dead
# ```
# A ReLU neuron is active for few samples, all of one class.
# What is its class selectivity, and what happens to it when training pushes its pre-activation a little further down?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-learning-dead
# :class: dropdown
# ```
# Its mean output is zero for all classes but one, so its class selectivity is 1, the largest value.
# A little further down, it is active for no sample at all: it is dead, its class selectivity is 0, and no gradient brings
# it back.
# ```{solution-end}
# ```
