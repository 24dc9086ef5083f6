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
# (sec-pruning)=
# # Pruning, compared fairly
#
# Which neurons can a trained network lose, and does a measure of importance choose them better than chance?
# Does a repair of the next layer replace re-training?
#
# The first version of {cite:t}`amjad2021` answers in its abstract that *bias balancing* can partly replace re-training.
# We had only this abstract and the excerpts that {cite:t}`mirzaei2022` quotes, and the last version leaves pruning out.
# The numbers behind the answer are unknown to us, so this chapter asks anew, with thirteen criteria on the same networks.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - what bias balancing does to a network, and when it does harm,
# - how to compare criteria for pruning: the same repair for all, and random removal as the baseline,
# - how much of a criterion's lead is left after one epoch of re-training.
#
# Reading time: about 12 minutes.
# ```

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k (embedded), mnist or fashion-mnist
networks: int = 3  # live: networks of each kind, at least 2
epochs: int = 10  # live: passes over the training samples
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
studies = rp.pruning_studies(source, dataset, networks, epochs, device)

# %% [markdown]
# ## Balancing in two neurons
#
# A removed neuron $j$ sends nothing to the next layer any more.
# Balancing adds its mean output $\bar t_j$, times the outgoing weight $w_{jk}$, to the bias of each next neuron $k$:
#
# ```{math}
# b_k \leftarrow b_k + w_{jk}\, \bar t_j
# ```
#
# Two neurons show both sides of it, each with outputs for ten samples.
# One is always on, with an output that hardly varies.
# The other is active for a single sample and zero for all others, as a ReLU neuron may be.
# The error is the neuron's output minus the constant that replaces it, which is zero or the neuron's mean.

# %%
outputs = {
    "always on": np.array([4.0, 6.0] * 5),
    "seldom active": np.array([10.0] + [0.0] * 9),
}
rows = []
for name, output in outputs.items():
    for kind, value in (("zero", 0.0), ("its mean", output.mean())):
        error = output - value
        squared = float((error**2).mean())
        rows.append([name, kind, (error != 0).sum(), squared])
header = ["neuron", "replaced by", "samples with an error", "mean squared error"]
rp.table(header, rows)

# %% [markdown]
# The mean always has the smallest squared error of all constants.
# Replacing the always-on neuron by its mean removes nearly all of the error.
# Replacing the seldom active neuron by its mean removes little, and every sample now has an error instead of one.
# So a layer that loses many seldom active neurons shifts all samples in order to help a few.
#
# ## A smaller network in one line
#
# {py:func}`nl.prune <neuronlib.pruning.pruning.prune>` takes a trained `torch.nn.Sequential`, such as your own.
# It returns a network with fewer neurons, whose weight matrices have fewer rows and columns.
# Many ways of pruning set weights to zero instead, which makes nothing smaller.
# The biases of the removed neurons then stay in place, so these neurons still have an output.
# By default, `nl.prune` balances; the argument `surgery` chooses another repair.

# %%
data = nl.load("mnist-5k")
setting = rp.paper_setting("mnist-5k", regularizer="l2", epochs=10)
trained, _ = nl.train(setting, data, [0], "cpu")  # where it is timed below
network = trained.as_module(0)
smaller = nl.prune(network, "mutual information", 0.5, layer="1", data=data)
smaller

# %% tags=["hide-input"]
rows = []
for name, module in (("whole", network), ("half of layer 1, balanced", smaller)):
    seconds, accuracy = rp.forward_pass(module, data.test)
    size = sum(parameter.numel() for parameter in module.parameters())
    rows.append(
        [name, size, f"{1e3 * np.median(seconds):.1f}", f"{100 * accuracy:.1f}"]
    )
rp.table(["network", "parameters", "forward pass (ms)", "test accuracy (%)"], rows)

# %% [markdown]
# ## Thirteen criteria, one set of rules
#
# We separate choosing neurons from repairing the network, since a criterion may look good only because its authors
# repair what they remove.
# Every criterion gets the same four treatments after removal:
#
# - nothing;
# - balancing;
# - *least squares*: the next layer's weights are fitted anew to the neurons that are kept;
# - one more epoch of training.
#
# Neurons are compared within a layer, not across layers ({ref}`sec-fig2-whole` shows why).
#
# | criterion | keeps neurons | needs data | own surgery |
# |:--|:--|:--|:--|
# | random | in one random order for each network | no | |
# | entropy | of high entropy (also {cite:t}`he2014`) | yes | |
# | mutual information | of high mutual information with the class | yes | |
# | KL selectivity | of high KL selectivity | yes | |
# | spectrum | that tell most of each class in turn, Sec. VI of the paper | yes | |
# | class selectivity | of high class selectivity {cite:p}`morcos2018` | yes | |
# | activity | that are active often {cite:p}`hu2016` | yes | |
# | Taylor | whose output changes the loss most, to first order {cite:p}`molchanov2017` | yes | |
# | incoming weights | with large incoming weights {cite:p}`he2014` | no | |
# | outgoing weights | with large outgoing weights {cite:p}`he2014` | no | |
# | Srinivas-Babu | unlike others in incoming weights {cite:p}`srinivas2015` | no | another takes over its outgoing weights |
# | NoiseOut | that are no linear function of another {cite:p}`babaeizadeh2016` | yes | another takes over, with slope and bias |
# | DivNet | with a diverse sample of outputs {cite:p}`mariet2016` | yes | least squares for all that are kept |
#
# We could read some of these papers only through implementations by others; the docstrings of `nl.pruning` say what is
# certain.
#
# All networks have two layers of 100 neurons, as in {ref}`sec-fig3-mnist` and {ref}`sec-fig4-fashion`, and L2.
# One more epoch may change a whole network too; the fourth column says by how much.

# %% tags=["hide-input"]
rp.pruned_networks_table(studies)

# %% [markdown]
# ## How much can be removed?
#
# Lines show accuracy with nothing done after removal, and the pink bars at the top hold all thirteen criteria after one
# epoch of re-training.

# %% mystnb={"figure": {"caption": "Test accuracy against the share of a layer that is kept; everything is kept on the left. A row for each kind of network, a column for each layer. Lines: criteria with nothing done afterwards; means over networks, bands one standard deviation. Pink bars: from the worst to the best criterion after one epoch of re-training.", "name": "fig-pruning-nothing"}, "image": {"alt": "Panels with falling curves. Random removal is in the middle of the criteria or below them. Short bars above all curves show accuracy after re-training."}} tags=["hide-input"]
figure = rp.accuracy_by_share_kept(studies)

# %% [markdown]
# ## Does the criterion matter?
#
# ```{admonition} Predict first
# :class: predict
# Half of a layer is removed, and the network is trained for one more epoch.
# How many points does the best of thirteen criteria gain over random removal?
# ```
#
# The next figure takes random removal of the same networks as zero.
# Its upper and lower panels have the same scale, criteria and shares removed, so that only the treatment differs.

# %% mystnb={"figure": {"caption": "Test accuracy minus that of random removal with the same treatment, in percentage points: means over networks with 95 % intervals, averaged over 50, 70, 90 and 95 % removed. Criteria are sorted by their mean with nothing done. Top: nothing done afterwards. Bottom: re-trained for one epoch.", "name": "fig-pruning-criteria"}, "image": {"alt": "Four panels of points with intervals, a row for each criterion, a mark for each kind of network. Points are spread over tens of percentage points at the top, and lie close to zero at the bottom."}} tags=["hide-input"]
figure = rp.gains_over_random(studies)

# %% [markdown]
# ## Does repair help?
#
# In this figure, zero is the accuracy after the same neurons are removed without any repair.

# %% mystnb={"figure": {"caption": "Test accuracy with a repair minus accuracy without, in percentage points: means with 95 % intervals over the networks of both data sets, averaged over 10 to 95 % removed. Left: ReLU networks. Right: sigmoid networks. Left of zero, the repair does harm.", "name": "fig-pruning-repair"}, "image": {"alt": "Four panels of points with intervals, a row for each criterion. Least squares lies right of zero everywhere. Balancing lies on both sides of zero for ReLU, and mostly right of it for sigmoid."}} tags=["hide-input"]
figure = rp.gains_of_repair(studies)

# %% [markdown]
# Balancing replaces a neuron's output by its mean, as ablation to the mean does.
# The paper's settings with both kinds of ablation therefore give a second answer, in {ref}`a figure of the discussion <fig-discussion-mean>`.
# The two neurons at the head of this chapter may explain why ReLU networks differ from sigmoid ones; we did not test it.
#
# ## Exercises
#
# ```{exercise-start}
# :label: ex-pruning-always-on
# ```
# A ReLU neuron is active for every input.
# Why is the mutual information of its one bit zero, and why may its removal do harm all the same?
# What does balancing restore?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-pruning-always-on
# :class: dropdown
# ```
# Its bit is constant, so it tells nothing of the class.
# Its output is not constant: it is a linear function of the neuron's inputs, and the next layer's biases have adapted
# to its mean.
# Balancing restores this mean, here 5, and loses what varies.

# %%

always_on = nl.by_hand(
    [np.ones((1, 1)), np.array([[1.0, -1.0]])], [np.array([5.0]), np.zeros(2)]
)
samples = nl.given(np.array([[-1.0], [1.0]], np.float32), np.array([0, 1]))
known = nl.pruning.moments(always_on, samples, "1")
nl.pruning.balanced(always_on, "1", np.zeros((1, 0), np.int64), known).layers[
    1
].bias.tolist()

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## Appendix: all numbers
#
# Each table is folded; open its cell to read it.
#
# Test accuracy in percent with 10 % of layer 1 kept, by what is done after removal, with 95 % intervals:

# %% tags=["hide-cell"]
rp.pruned_accuracy_table(studies, "1")

# %% [markdown]
# The same with 10 % of layer 2 kept:

# %% tags=["hide-cell"]
rp.pruned_accuracy_table(studies, "2")

# %% [markdown]
# Accuracy with a repair minus accuracy with one epoch of re-training, in percentage points.
# Mutual information chooses the neurons:

# %% tags=["hide-cell"]
rp.repair_against_training_table(studies)

# %% [markdown]
# The largest share of a layer that can be removed before the mean accuracy falls by more than one point:

# %% tags=["hide-cell"]
rp.limits_table(studies)

# %% [markdown]
# Accuracy of ranking within each layer minus accuracy of one ranking over both layers, in percentage points.
# As many neurons are removed in both, the lowest first, and the mean is over all shares.
# In a ranking within layers, ties get mid-ranks, so a layer with many constant neurons loses them together:

# %% tags=["hide-cell"]
rp.layer_by_layer_table(studies)

# %% [markdown]
# Milliseconds to rank one layer of one network, on the device named above:

# %% tags=["hide-cell"]
rp.ranking_time_table(studies)

# %% [markdown]
# ## What these networks say
#
# A combination counts as lower or higher when its 95 % interval over networks excludes zero.

# %% tags=["hide-input"]
rp.pruning_told(studies)

# %% [markdown]
# The last finding agrees with the paper's advice to prune layer by layer (Q50).
# All of this holds for small networks on easy images; larger networks are not tested here.
#
# **Take with you: compare a criterion with random removal, and give both the same re-training.**
