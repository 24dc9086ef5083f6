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
# (sec-each-claim)=
# # Claim by claim
#
# What exactly does a claim of the paper say, how is it tested, and what do the networks answer one by one?
# This page has a panel for each of the 85 claims; {ref}`sec-claims` has the rules and the counts.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - where the paper makes each claim, and how we test it,
# - how to read every single network behind a verdict,
# - how the verdict changed with the rules.
#
# Reading time: about 5 minutes, and one more for each panel.
# ```
#
# Wherever this book names the code of a claim, a link leads here.
# In a terminal, `neuronlib claims Q22` prints a panel.
#
# Each claim has two signs, by its reading most in the paper's favour:
#
# - as the paper means it: ✔ reproduced, ◐ direction only, ✘ not reproduced, ○ open;
# - established: ✔ established, ◐ small, ? cannot tell, ✘ refuted, ○ open.

# %% tags=["parameters"]
networks: int = 50  # at most how many networks of each setting

# %% tags=["hide-input"]
import neuronlib.reproduction as rp

archive = rp.StoredResults(networks=networks)

# %% tags=["hide-input"]
rp.claim_index(archive)

# %% [markdown]
# How to read the figure of a panel:
#
# - Each row is a test, and each tick is a network.
# - The orange point is the mean over networks, and the line through it is the 95 % interval.
# - The numbers beside it are the same; the sign before them is what this test establishes by itself.
# - The thin line is zero, or the share that a claim is about.
# - The grey band has differences of accuracy that are too small to count.
# - The scoreboard shows the numbers of the test in bold.
# - No claim has more than twelve rows: the tests that speak most against it.

# %% [markdown]
# ## Panels: numbers

# %% tags=["hide-input"]
rp.claim_panels(archive, "N")

# %% [markdown]
# ## Panels: counts of neurons

# %% tags=["hide-input"]
rp.claim_panels(archive, "K")

# %% [markdown]
# ## Panels: statements

# %% tags=["hide-input"]
rp.claim_panels(archive, "Q")

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-each-claim-inside
# ```
# In some rows all ticks lie to the right of zero, and all of them inside the grey band.
# Which two verdicts does such a row give to a claim that there is a difference above zero?
# Which two does it give to a claim that there is none?
# Find a claim of each kind with such a row.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-each-claim-inside
# :class: dropdown
# ```
# The difference certainly exists, and is smaller than what counts.
# As the paper means it, the two are similar.
# So a claimed difference gets “direction only”, and a claimed likeness gets “reproduced”.
# The second verdict is the same for both, ◐ small: neither a difference of the size that counts nor its absence is shown.
# Rows with the sign ◐ are of this kind.
# ```{solution-end}
# ```
