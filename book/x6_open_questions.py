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
# This page has the answers in one table.
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
# - {ref}`sec-layers`: does cumulative ablation reveal redundancy and synergy?

# %% tags=["hide-input"]
import neuronlib.reproduction as rp

layers = rp.layer_studies("store")
curves = rp.StoredResults()
points = rp.points_of_layers({name: curves(name) for name in layers}, layers)
rp.open_questions_table(rp.answers_of_layers(points, layers))

# %% [markdown]
# A sentence holds, or does not, if the whole 95 % interval lies on one side of zero.
# Each chapter says how many things it tried.
#
# **Take with you: a question left to future work is a claim that can be tested.**
