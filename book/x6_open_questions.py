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
# (sec-open-questions)=
# # Open questions
#
# What of the paper's "future work" can be answered today?
# Section VI of {cite:t}`amjad2021` ends with a list of questions.
# The chapters below answer them on the paper's own kind of networks.
# This page has the answers in one place.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - what the paper leaves to others, in its own words,
# - which of it holds, which does not, and what nobody can tell from these networks.
#
# Reading time: about 3 minutes.
# ```
#
# ## Whole layers
#
# Does cumulative ablation reveal redundancy and synergy? ({ref}`sec-layers`)

# %% tags=["hide-input"]
import neuronlib.reproduction as rp

layers = rp.layer_studies("store")
curves = rp.StoredResults()
points = rp.points_of_layers({name: curves(name) for name in layers}, layers)
within = rp.shape_correlations(points, within_architectures=True)
rp.open_questions_table(rp.answers_of_layers(points, within, layers))

# %% [markdown]
# ## Other networks
#
# Do the paper's effects hold for other widths, regularizers and optimizers? ({ref}`sec-elsewhere`)

# %% tags=["hide-input"]
rp.open_questions_table(rp.answers_of_elsewhere(rp.elsewhere_studies("store")))

# %% [markdown]
# ## Training
#
# Is a network better if it is rewarded for what its neurons say? ({ref}`sec-learning`)

# %% tags=["hide-input"]
rewards = rp.reward_studies("store")
rp.open_questions_table(rp.answers_of_rewards(rp.effects_of(rewards)))

# %% [markdown]
# ## Pruning
#
# Is pruning better if criteria differ by layer, or compare neurons with each other? ({ref}`sec-pruning-together`)

# %% tags=["hide-input"]
rp.open_questions_table(rp.answers_of_selection(rp.selection_studies("store")))

# %% [markdown]
# A sentence holds, or does not, if the whole 95 % interval lies on one side of zero, unless its chapter says otherwise.
# Each chapter says how many things it tried.
#
# **Take with you: a question left to future work is a claim that can be tested.**
