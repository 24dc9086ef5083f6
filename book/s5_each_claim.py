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
# A panel for each of the 85 claims: what the paper says, how it is tested, what these networks say, what earlier rules
# said, and the networks one by one.
# {ref}`sec-claims` has the rules, and counts the verdicts.
# Wherever this book names a claim's code, it leads here; `neuronlib claims Q22` prints a panel in a terminal.
#
# The two signs are the verdict as the paper means it (✔ reproduced, ◐ direction only, ✘ not reproduced, ○ open) and what is
# established (✔ established, ◐ small, ? cannot tell, ✘ refuted, ○ open), each by the reading most in the paper's favour:

# %% tags=["parameters"]
networks: int = 50  # at most how many networks of each setting

# %% tags=["hide-input"]
import neuronlib.reproduction as rp

archive = rp.StoredResults(networks=networks)

# %% tags=["hide-input"]
rp.claim_index(archive)

# %% [markdown]
# How to read a panel's figure: each row is a test, each tick a network. The orange point is the mean over networks, the
# line through it the 95 % interval, and the numbers are the same; the sign before them is what this test establishes by
# itself.
# The thin line is zero, or the share that a claim is about; the grey band, where accuracies are compared, has differences
# too small to count.
# In bold is the test whose numbers the scoreboard shows.
# No claim has more than twelve rows: those that speak most against it.

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
# In some row all ticks lie to the right of zero, and all of them inside the grey band.
# Which two verdicts does that give to a claim that there is a difference above zero, and which to a claim that there is
# none? Find a claim of each kind with such a row.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-each-claim-inside
# :class: dropdown
# ```
# The difference is there, beyond doubt, and smaller than what counts.
# As the paper means it, the two are similar: a claimed difference has the direction only, and a claimed likeness is
# reproduced.
# What is established is the same for both, ◐ small: neither a difference of the size that counts, nor that there is none.
# Rows with the sign ◐ are of this kind.
# ```{solution-end}
# ```
