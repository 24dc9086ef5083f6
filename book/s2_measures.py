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
# (sec-measures)=
# # Measures: what a single neuron knows
#
# How many bits does a single neuron tell about the class of an image?
# The paper answers with three measures: entropy, mutual information and KL selectivity.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - the three measures, as formulas and as code,
# - what each measure sees, and what it misses,
# - why counts from few samples overstate information.
#
# Reading time: about 20 minutes.
# ```
#
# This chapter follows Sec. IV of {cite:t}`amjad2021` up to its examples.
#
# What the paper claims:
#
# - entropy, Eq. (3), mutual information, Eq. (4), and KL selectivity, Eq. (5), each cost one pass over the samples;
# - a neuron with little entropy has little information about the class;
# - KL selectivity is at least the mutual information, and zero exactly when that is zero;
# - KL selectivity is largest for a neuron that tells one class from all others.
#
# We define each measure and try it at once on benchmark neurons, whose values can be worked out on paper.
# Then we try it on trained networks.
# All measures are in **bits**; the paper does not name its unit.

# %% tags=["parameters"]
dataset: str = "mnist-5k"  # mnist-5k (embedded), mnist, fashion-mnist or cifar10
activation: str = "relu"  # of the hidden layers: relu or sigmoid
regularizer: str = "dropout"  # none, l2, dropout or dropout-batchnorm
networks: int = 5  # networks trained, at least 1
epochs: int = 20  # passes over the training samples
seed: int = 0  # start of every random number
device: str = "auto"  # where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()

# %%
setting = rp.paper_setting(dataset, activation, regularizer, epochs=epochs, seed=seed)
setting.describe()

# %% [markdown]
# ## Benchmark neurons
#
# With one bit, a neuron is described by ten numbers: for each class, the share of its samples for which it is active.
# Seven neurons are enough to tell the measures apart.
# Each sees 100 samples of each of ten classes.

# %%
only_three = np.arange(10) == 3
active_shares = {
    "dead": np.zeros(10),
    "always on": np.ones(10),
    "uniform noise": np.full(10, 0.5),
    "copy of class 3": only_three * 1.0,
    "noisy copy of class 3": np.where(only_three, 0.9, 0.1),
    "all but class 3": 1.0 - only_three,
    "odd classes": np.arange(10) % 2,
}
active_samples = (
    np.array([100 * share for share in active_shares.values()]).round().astype(int)
)
benchmark = np.stack([100 - active_samples, active_samples], axis=1)
benchmark.shape  # neuron, value, label

# %% [markdown]
# ## Entropy
#
# ```{prf:definition} Entropy of a neuron
# :label: def-entropy
#
# $$H(T_j^{(i)}) = -\sum_{t \in \mathcal{T}} P_{T_j^{(i)}}(t) \log_2 P_{T_j^{(i)}}(t), \qquad 0 \log 0 = 0$$ (eq-entropy)
# ```
#
# Equation {eq}`eq-entropy` says whether a neuron's value varies at all.
# It does not look at the labels.
# Noise must have 1 bit, and both constant neurons 0.
# A copy of one class out of ten has the entropy of a coin that shows heads once in ten throws.

# %% [markdown]
# As code for one neuron, where `table[t, y]` counts its samples with value $t$ and class $y$, this is:

# %%
rp.formula(nl.plain.entropy)

# %% [markdown]
# The fast routine agrees with it for all benchmark neurons:

# %%
one_by_one = [nl.plain.entropy(counts) for counts in benchmark]
assert np.allclose(nl.entropy(benchmark), one_by_one, rtol=0, atol=1e-12)
np.round(one_by_one, 3)

# %%
rp.columns({"neuron": active_shares, "entropy (bits)": nl.entropy(benchmark)})

# %% [markdown]
# **What it misses.**
# Noise gets the highest value although it tells nothing about the class.
# The dead neuron and the always-on neuron get the same value.
# But ablating the always-on neuron takes away an input that the next layer may rely on.
#
# ## Mutual information
#
# ```{prf:definition} Mutual information with the class
# :label: def-information
#
# $$I(T_j^{(i)};Y) = H(T_j^{(i)}) - H(T_j^{(i)} | Y)
# = \sum_{t, y} P(t, y) \log_2 \frac{P(t, y)}{P(t) P(y)}$$ (eq-information)
# ```
#
# Equation {eq}`eq-information` is the number of bits by which a neuron's value shortens the description of the class.
# It is at most the entropy of the neuron, and at most $\log_2 10$ bits, the entropy of the class.

# %% [markdown]
# The first form of {eq}`eq-information` as code is:

# %%
rp.formula(nl.plain.mutual_information)

# %% [markdown]
# The fast routine agrees with it for all benchmark neurons:

# %%
one_by_one = [nl.plain.mutual_information(counts) for counts in benchmark]
assert np.allclose(nl.mutual_information(benchmark), one_by_one, rtol=0, atol=1e-12)
np.round(one_by_one, 3)

# %%
rp.columns(
    {
        "neuron": active_shares,
        "entropy (bits)": nl.entropy(benchmark),
        "mutual information (bits)": nl.mutual_information(benchmark),
    }
)

# %% [markdown]
# Noise gets no information now.
# A copy of one class, and its complement, share all their entropy with the class.
#
# **What it misses.**
# The copy of one class is perfect at what it does.
# Yet it has less than half of the information of a neuron that divides the classes into two halves.
# With ten classes, one class is seldom asked for.
#
# ## Specific information and KL selectivity
#
# How much does a neuron tell about one class?
# The *specific information* of class $y$ {cite:p}`williams2010` compares the neuron's values for that class with its
# values for all samples.
# {cite:t}`amjad2021` take the largest over the classes.
#
# ```{prf:definition} KL selectivity
# :label: def-selectivity
#
# $$\max_{y \in \mathcal{C}} D_\text{KL}\bigl(P_{T_j^{(i)} | Y = y} \,\big\|\, P_{T_j^{(i)}}\bigr)
# = \max_{y \in \mathcal{C}} \sum_{t \in \mathcal{T}} P(t | y) \log_2 \frac{P(t | y)}{P(t)}$$ (eq-selectivity)
# ```
#
# The mean of the specific information over the samples is the mutual information, {eq}`eq-information`.
# A maximum is at least a mean, so KL selectivity is at least the mutual information.
# All terms of the mean are at least 0, so one vanishes exactly when the other does.

# %% [markdown]
# As code, with $q$ for $P(t)$ and $p$ for $P(t | y)$, {eq}`eq-selectivity` is:

# %%
rp.formula(nl.plain.kl_selectivity)

# %% [markdown]
# The fast routine agrees with it for all benchmark neurons:

# %%
one_by_one = [nl.plain.kl_selectivity(counts) for counts in benchmark]
assert np.allclose(nl.kl_selectivity(benchmark), one_by_one, rtol=0, atol=1e-12)
np.round(one_by_one, 3)

# %% mystnb={"figure": {"caption": "Specific information in bits of each class, for the seven benchmark neurons. KL selectivity is a row's largest entry; mutual information is a row's mean, as the classes are equally frequent. The copy of class 3 and its complement have the same row.", "name": "fig-measures-spectra"}, "image": {"alt": "Table of shaded cells with one row for each of seven benchmark neurons and one column for each of ten classes. Rows of constant and random neurons are 0; the copies of class 3 have one dark cell in column 3; the odd-class neuron has 1 bit everywhere."}} tags=["hide-input"]
axes = nl.plots.spectra(
    nl.plots.panel(8, 3),
    nl.specific_information(benchmark),
    list(active_shares),
    list("0123456789"),
)
# %%
rp.columns(
    {
        "neuron": active_shares,
        "entropy (bits)": nl.entropy(benchmark),
        "mutual information (bits)": nl.mutual_information(benchmark),
        "KL selectivity (bits)": nl.kl_selectivity(benchmark),
    }
)

# %% [markdown]
# A copy of one class reaches $\log_2 10$ bits, the largest value there is for ten equally frequent classes.
#
# **What it misses.**
# It does not say *which* class has the maximum: ten copies of class 3 look as selective as copies of ten classes.
# All three measures look at one neuron at a time.
# So none of them sees two duplicates, or two neurons that tell something only together.
#
# ## Class selectivity of Morcos et al.
#
# The measure that started the discussion {cite:p}`morcos2018` is computed from the activations themselves:
#
# $$\frac{\mu_\text{max} - \mu_{-\text{max}}}{\mu_\text{max} + \mu_{-\text{max}}}$$ (eq-morcos)
#
# Here $\mu_\text{max}$ is the largest class-conditional mean output and $\mu_{-\text{max}}$ the mean over the other
# classes.
# It needs no quantizer and has no unit.
# For neurons with outputs 0 or 1, the class means are the shares above.

# %%
outputs, labels = np.array(list(active_shares.values())).T, np.arange(10)
rp.columns(
    {
        "neuron": active_shares,
        "KL selectivity (bits)": nl.kl_selectivity(benchmark),
        "class selectivity (Morcos et al.)": nl.class_selectivity(outputs, labels),
    }
)

# %% [markdown]
# The two measures disagree on one instructive neuron.
# It is silent for one class and active for all others, so it tells that class from the rest as well as a copy does.
# KL selectivity sees no difference, but {eq}`eq-morcos` is close to its smallest value.
#
# ## Neurons of trained networks
#
# Now the same measures for networks that have learned something.

# %%
data = nl.load(setting.dataset, split=setting.split, scaling=setting.scaling)
ensemble, history = nl.train(setting, data, networks, device)
measured = nl.measure(ensemble, data.validation)

# %% mystnb={"figure": {"caption": "Measures of all hidden neurons of the trained networks, one marker a neuron. Left: mutual information is never above entropy. Right: KL selectivity is never below mutual information. The dotted line is equality. Circles are neurons of the first hidden layer, squares of the second.", "name": "fig-measures-trained"}, "image": {"alt": "Two scatter plots in bits. Left, mutual information against entropy: all points lie below the line of equality. Right, KL selectivity against mutual information: all points lie above it."}} tags=["hide-input"]
figure, (left, right) = nl.plots.subplots(1, 2, figsize=(9, 3.6))
nl.plots.against(left, measured, "entropy", "mutual_information")
axes = nl.plots.against(right, measured, "mutual_information", "kl_selectivity")
# %% [markdown]
# The paper's identities hold for every neuron, to rounding:

# %%
h, i, kl = measured.entropy, measured.mutual_information, measured.kl_selectivity
tolerance = 1e-12  # bits; sums of twenty terms in float64
checks = {
    "0 ≤ I": i >= 0,
    "I ≤ H": i <= h + tolerance,
    "I ≤ KL selectivity": i <= kl + tolerance,
    "KL selectivity = 0 where I = 0": (kl < tolerance) == (i < tolerance),
}
rp.columns(
    {
        "identity": checks,
        "neurons": [ok.size for ok in checks.values()],
        "violations": [int((~ok).sum()) for ok in checks.values()],
    }
)

# %% [markdown]
# How do the measures change with depth, and how far do the two notions of selectivity agree?
# The last column has Spearman's rank correlation over all neurons of a layer.

# %% tags=["hide-input"]
morcos = nl.class_selectivity(ensemble.outputs(data.validation), data.validation.labels)
rows = []
for layer in np.unique(measured.layer):
    here = np.flatnonzero(measured.layer == layer)
    correlation = float(
        nl.ablation.spearman(kl.values[:, here].ravel(), morcos[:, here].ravel())
    )
    medians = [float(values.isel(neuron=here).median()) for values in (h, i, kl)]
    rows.append([f"layer {layer}", h[:, here].size, *medians, correlation])
rp.table(
    [
        "all networks",
        "neurons",
        "median H",
        "median I",
        "median KL",
        "rank correlation of KL and Morcos",
    ],
    rows,
)

# %% tags=["remove-input"]
deeper = rows[-1][3] > rows[0][3]
rp.markdown(
    f"In these {networks} networks, the median mutual information {'rises' if deeper else 'does not rise'} "
    f"from the first to the last hidden layer, {'as' if deeper else 'although'} the paper's Sec. V-A "
    f"{'says' if deeper else 'says that it does'}."
)

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-measures-pair
# ```
# A neuron is active for exactly two of ten equally frequent classes.
# Predict its entropy, mutual information and KL selectivity on paper, then compute them.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-measures-pair
# :class: dropdown
# ```
# The class determines the value, so mutual information equals entropy, that of a 20 % coin.
# For the two classes, the value "active" has probability 1 instead of 0.2, so KL selectivity is $\log_2 5$.

# %%
pair = (np.arange(10) < 2) * 100
tables = np.stack([100 - pair, pair])
(
    [
        round(float(f(tables)), 4)
        for f in (nl.entropy, nl.mutual_information, nl.kl_selectivity)
    ],
    round(float(np.log2(5)), 4),
)

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ```{exercise-start}
# :label: ex-measures-bias
# ```
# A neuron that fires at random, whatever the class, has no information.
# Its *counts* show some all the same.
# Draw 1 000 such neurons for $N = 800$ samples, and take the mean of their mutual information.
# Compare it with the approximation $(|\mathcal{T}| - 1)(C - 1) / (2 N \ln 2)$ bits {cite:p}`miller1955,panzeri1996`.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-measures-bias
# :class: dropdown
# ```
# The plug-in estimate is too large by about that much.
# So a neuron with no more than this may tell nothing at all.

# %%
random = np.random.default_rng(seed)
fired = random.binomial(80, 0.5, size=(1000, 10))
noise = np.stack([80 - fired, fired], axis=1)
rp.table(
    ["", "bits"],
    [
        ["mean of 1 000", nl.mutual_information(noise).mean().item()],
        ["formula", 9 / (1600 * np.log(2))],
    ],
)

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## Summary
#
# - Entropy asks whether a neuron varies.
# - Mutual information asks whether it varies with the class.
# - KL selectivity asks whether it varies with one class.
#
# The identities between them hold exactly, for benchmark neurons and for trained ones.
# Another question is whether neurons that score high *matter*; {ref}`sec-fig3-mnist` ablates them to find out.
#
# **Take with you: a high value says what a neuron tells, not whether the network listens.**
