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
# (sec-claims)=
# # The scoreboard: 85 claims
#
# How many of the paper's claims hold in networks that we trained ourselves, and how surely?
# The paper makes 85 claims that can be checked: numbers (N), counts of neurons (K) and statements (Q).
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how many claims are reproduced, and how many are established,
# - how a claim gets its two verdicts,
# - why a test that finds no difference does not show that there is none.
#
# Reading time: about 20 minutes, without the tables.
# ```
#
# A function of the stored networks answers each claim, and gives it two verdicts.
# {ref}`sec-each-claim` has a panel for each claim, with every network.

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
networks: int = 50  # at most how many networks of each setting
epochs: int = 10  # live: passes over the training samples
random_orders: int = 10  # live: random ablation orders a network and layer
images: str = ""  # live: other images than the setting's own, as mnist-5k
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
archive = rp.open_source(
    source,
    list(rp.SETTINGS) if source == "store" else ["mnist-relu-dropout"],
    networks,
    epochs,
    random_orders,
    images,
    device,
)

# %% [markdown]
# ## The score

# %% tags=["remove-input"]
rp.score_in_words(archive)

# %% tags=["hide-input"]
rp.counts_table(archive)

# %% [markdown]
# Some sentences of the paper can be read in several ways, and each reading gets a row in the tables below.
# A claim counts by its reading *most in the paper's favour*, and again by its reading *least in its favour*.
#
# ## The margin
#
# Which difference of accuracies counts?
# One margin serves all claims: $\delta = 5$ percentage points.
# It is half of 10 points, the smallest gap that the paper itself calls an effect (N7).
# So a gap nearer to nothing than to the paper's weakest effect is no effect.
#
# The argument looks at the paper alone, but we made it when results were known.
# The figure counts the verdicts for margins of 2 and 10 points, too.
# Differences in bits, and shares of neurons, have no margin.
#
# (sec-claims-margins)=
# With other margins:

# %% mystnb={"figure": {"caption": "The 85 claims by verdict, for three margins below which a difference does not count. Left: as the paper means it; right: what stricter tests establish. For each margin, claims count by their reading most, and least, in the paper's favour. Blue speaks for the paper, orange against it.", "name": "fig-claims-margins"}, "image": {"alt": "Two panels of six stacked bars; the folded table below has the counts."}} tags=["hide-input"]
by_margin = rp.counts_by_margin(archive)
figure = rp.score_against_margin(by_margin)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the verdicts under other margins"}
rp.margins_table(by_margin)

# %% [markdown]
# ## The verdict as the paper means it
#
# Two curves are *similar*, says the paper, “if either the mean gap is small or if p > 0.05” (Sec. V).
# We call a gap small if it is below $\delta$; two curves that are not similar differ.
#
# - **✔ reproduced** depends on the kind of claim.
#   - A *statement*: what it claims holds in every test, or in most or a few if the paper says so.
#   - A *number*: ours has the paper's sign and its side of p = 0.05, and is nearer than $\delta$.
#     If the paper's number is not significant, its sign is noise and does not count.
#   - A *count of neurons*: ours is within a tenth of the layer's width, or its interval holds the paper's count.
#     Ours must also be right to a factor of two.
#     Counts are read off curves at 2 points below the intact network, or 2 points above guessing.
# - **◐ direction only**: most means lie on the claimed side; a number has the paper's sign; a count is right to a factor
#   of two.
# - **✘ not reproduced**: neither.
# - **○ open**: not computed yet, fewer than five networks, or a question that these experiments cannot answer.
#
# ## What is established
#
# A test that finds no difference does not show that there is none: with few networks it never finds any.
# Likeness is established by two one-sided tests {cite:p}`schuirmann1987`.
# They reject a difference of $\delta$ or more on either side.
# A difference is established by the paper's own test and a mean of at least $\delta$.
# Each test has one of four outcomes:
#
# | | “no difference” is rejected | “no difference” is not rejected |
# |:--|:--|:--|
# | **“a difference of δ” is rejected** | different, but small | alike |
# | **“a difference of δ” is not rejected** | different, if the mean is at least δ | cannot tell |
#
# - **✔ established**: every test (or most, or a few) came out as claimed; a number lies in the prediction interval.
# - **◐ small**: something differs on the claimed side, or against a claimed likeness, but by less than $\delta$.
# - **? cannot tell**: networks are too few, or too different from each other, to say.
# - **✘ refuted**: a test came out the other way.
#
# The *prediction interval* of a number holds the mean of a replication in 95 % of cases, if only the networks differ
# {cite:p}`patil2016,spence2016`.
# It is $m \pm t\, s \sqrt{1/n_1 + 1/n_2}$ around the paper's mean $m$.
# The deviation $s$ is ours, as the paper gives none.
#
# ## How to read the tables
#
# - *Negative is worse*: differences are ordered minus random ablation, or with minus without ablation.
# - Two curves *as a whole* are compared by the area between the two mean curves, in points.
#   Its sign is that of the side with more of the area.
#   This interval cannot test for zero; use p, which comes from 999 sign flips and is at least 0.001.
# - Intervals cover networks alone.
#   They cover neither the split into training and validation images nor the test images
#   ({ref}`sec-what-intervals-cover`).
# - A claim with several parts gets the verdict of its weakest part; the table shows that part.

# %% [markdown]
# ## Numbers

# %% mystnb={"figure": {"caption": "The paper's 14 numbers beside ours: accuracy after ordered minus after random ablation, in points. Each row names the setting, the layer and the ablated neurons; a number with several readings has several rows. Grey: the paper's number, and where the mean of a replication lies in 95 % of cases. Ours have a 95 % interval over networks: blue inside the grey bar, orange outside.", "name": "fig-claims-forest"}, "image": {"alt": "A row for each number: a grey bar around the paper's, and a point with an interval for ours, inside the bar or outside; the table below has the numbers."}} tags=["hide-input"]
figure = rp.forest(archive)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of numbers"}
rp.claims_table(archive, [f"N{number}" for number in range(1, 15)], scoreboard=True)

# %% [markdown]
# ## Counts of neurons

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of counts"}
rp.claims_table(archive, [f"K{number}" for number in range(1, 19)], scoreboard=True)

# %% [markdown]
# ## Statements

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of statements"}
rp.claims_table(archive, [f"Q{number}" for number in range(1, 54)], scoreboard=True)

# %% [markdown]
# ## Tensions inside the paper
#
# 1. *The caption and the text of Fig. 2 contradict each other*.
#    {ref}`sec-fig2-whole` compares both readings.
#    The rows N1 to N3 and Q13 to Q15 follow the text.
# 2. *The paper calls correlation strongly positive for ReLU networks with L2 and with Dropout (Q46)*.
#    Its own reversals say otherwise (Q32, Q37, Q41).
#    Compare their rows: Q46 asks for every layer of every such setting.
# 3. *The paper calls a gap of 13 points similar to random (Q25), although its p-value is near the floor (N10)*.
#    By its rule, similar means a small gap **or** an insignificant one.
#    So it depends on whether 13 points are small, and on whether curves are compared as a whole or after 80 neurons.
#    We call less than 5 points small, and Q22, Q24, Q25 and Q47 have a row for each comparison.
# 4. *The paper compares ReLU and sigmoid (Q21) under different regularizers and different replacements*.
#    Q21 has a row for the paper's panels, and a row for each comparison that changes nothing else.
# 5. *The Kolmogorov–Smirnov test (N4, N12) takes two layers of the same networks for independent samples*.
#    Our intervals are for pairs.
# 6. *The paper does not correct for testing many things, and gives no rule for its numbers of neurons (80, 101, 125)*.
#    Many p-values are at their smallest possible value, which only the number of networks sets.
#    With 50 networks that agree in sign it is $7.6 \cdot 10^{-10}$, or less with ties, whatever the size of the effect.
#    So the interval says more than the p-value.
# 7. *The paper does not say how it breaks ties among neurons without entropy*.
#    Ties decide the beginning or the end of a curve where such neurons are many, as in deep layers on CIFAR-10 (K1, K5).
#    We break ties at random.
#
# Some rules and questions changed after results had been seen.
# {ref}`sec-claims-changes` lists every verdict that changed with them.

# %% [markdown]
# **Take with you: a replication needs a margin before it needs a p-value. State which difference counts, and test
# likeness as well as difference.**

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-claims-holm
# ```
# The paper tests each of its 14 numbers by itself, at the level 0.05.
# How many tests would be significant on average if none of the effects existed?
# Which of our tests stay significant under Holm's correction for testing all of them?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-claims-holm
# :class: dropdown
# ```
# A twentieth of them: 0.7 of 14, and more with several readings of a claim.
#
# Holm's method asks that the smallest p-value is below 0.05 divided by the number of tests.
# The next has to be below 0.05 divided by one test less, and so on.
# Compare the adjusted p-values in the table with 0.05.
#
# A signed-rank test of few networks has a smallest possible p-value, reached if all networks agree in sign.
# If that value is too large for so many tests, none can be significant, however large its effect.

# %%
numbers = [f"N{number}" for number in range(1, 15)]
tested = [one for one in rp.answers(archive, numbers) if one[2].n > 1]
p_values = np.array([answer.p for _, _, answer in tested])
rows = [
    [claim.id, reading, rp.p_value(answer.p), rp.p_value(adjusted)]
    for (claim, reading, answer), adjusted in zip(
        tested, nl.ablation.holm(p_values), strict=True
    )
]
rp.table(["claim", "reading", "p", "p, adjusted"], rows)

# %% [markdown]
# ```{solution-end}
# ```
