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
# (sec-scale)=
# # Scale: one machine, and many
#
# What do the paper's networks cost, and what would ten or a hundred times as many?
# `neuronlib run` divides the work into jobs of five or ten networks.
# Each job is stored as soon as it is finished, in a file of its own, under a name that says what it holds.
# So it does not matter who does a job, or when, or whether it is begun twice.
# This chapter counts the cost and shows how to run the same jobs on a laptop, one big machine, Slurm and Kubernetes.

# %% tags=["parameters"]
benchmark: str = ""  # folder that make bench wrote; "" for the stored one

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
costs = rp.costs()
scheduler = rp.read_benchmark("cluster", benchmark)
rate = rp.most_jobs_per_second(scheduler)

# %% [markdown]
# ## What a network costs
#
# The stored jobs say how long they took, and on how many threads.
# *Core-seconds* is the product of both, from loading the images to the last curve.
# They were computed on machines with two cores.

# %% tags=["hide-input"]
rp.cost_table(costs)

# %% [markdown]
# Jobs need nothing of each other, but that each setting's pilot networks come first.
# So $C$ cores take at least
#
# ```{math}
# :label: eq-hours
# \max\Big(\frac{1}{C} \sum_j t_j,\ \max_j t_j,\ \frac{J}{r}\Big)
# ```
#
# for $J$ jobs of $t_j$ seconds each, if one scheduler hands out $r$ jobs a second.
# The second term is the longest job: beyond some number of cores, more of them do not help.

# %% mystnb={"figure": {"caption": "Hours that the paper's networks take, and ten and a hundred times as many, against the number of cores, by the equation above. Falling lines: all cores are busy. Level lines: the longest job, or the scheduler, decides. Both scales are logarithmic.", "name": "fig-scale-hours"}, "image": {"alt": "Three falling lines of hours against cores, for one, ten and a hundred times the paper; the line of the paper becomes level near a hundred cores; the table below has numbers for four places."}} tags=["hide-input"]
figure, axis = nl.plots.subplots(figsize=(7, 3.8))
_ = rp.hours_by_cores(axis, costs, rp.TIMES, rate)

# %% tags=["hide-input"]
rp.places_table(costs, rate)

# %% [markdown]
# Numbers of cores in this table are examples.
# The times are lower bounds: each process has to start, load images and compile first.
# The command takes up to 1000 networks of a setting, which is twenty times the paper's fifty.
#
# ## A laptop
#
#     neuronlib run mnist-relu-dropout --networks 10
#     neuronlib status
#
# Stop it with Ctrl-C whenever you like, and give the same command again.
# A closed lid or an empty battery costs the job that was being done.
#
# ## One big machine
#
#     neuronlib run --all --processes 16
#
# Small networks cannot use many cores at a time.
# So several processes get more done than one, each with its share of the cores.
# Each takes about a gigabyte of memory for MNIST, two for CIFAR-10.
#
# ## Slurm: an array of shards
#
# `--shard I/N` does the I-th of N parts of the jobs, and needs no server.
# Which jobs a part has depends on the settings that are asked for, not on what is stored.
# Tasks may start at different times, fail, and be started again.
#
# ```bash
# #!/bin/bash
# #SBATCH --job-name=neuronlib
# #SBATCH --array=1-40
# #SBATCH --cpus-per-task=4
# #SBATCH --mem=8G
# #SBATCH --time=12:00:00
# #SBATCH --requeue
# neuronlib run --all --processes 4 --results /shared/results --shard "$SLURM_ARRAY_TASK_ID/40"
# ```
#
# Slurm may end a task before its time, by SIGTERM or by force; nothing half-written is left.
# Every task sees the store on the same path.
# All tasks of a setting need its pilot networks: one computes them, and the others wait.
#
# ## Slurm: a Dask cluster
#
# A [Dask](https://distributed.dask.org) cluster hands out the jobs one by one, so that no worker waits for the slowest
# shard.
# It needs the extra `neuronlib[cluster]` and a process that stays, here on the login node:
#
# ```python
# from dask_jobqueue import SLURMCluster
#
# cluster = SLURMCluster(cores=1, processes=1, memory="4GB", walltime="12:00:00")
# cluster.adapt(maximum_jobs=40)
# print(cluster.scheduler_address)
# input("Press Enter to end the cluster.")
# ```
#
# In another terminal, with the address that it printed:
#
#     neuronlib run --all --results /shared/results --scheduler tcp://login:8786
#
# - The command shows progress and time left, as on one machine.
#   Dask's own page, at port 8787, shows which networks of which setting each worker is at.
# - A worker is refused before it computes if its version of the core or of torch is another, or if it does not see the
#   store. One line says so.
# - A worker does one job at a time. It loads the images, and compiles the program, once.
# - A worker that is lost loses its job, which another does. So does one whose disk is full.
# - If the scheduler is started anew, the command waits for it and goes on with what is missing.
#   Workers end with their scheduler; Slurm or Kubernetes starts them again.
#
# Without Slurm, the same cluster is two commands, the second on as many machines and as often as you like:
#
#     dask scheduler --port 8786
#     dask worker tcp://login:8786 --nworkers 8 --nthreads 1
#
# ## Kubernetes: an indexed job
#
# ```yaml
# apiVersion: batch/v1
# kind: Job
# metadata:
#   name: neuronlib
# spec:
#   completions: 40
#   parallelism: 40
#   completionMode: Indexed
#   backoffLimitPerIndex: 3
#   template:
#     spec:
#       restartPolicy: Never
#       containers:
#         - name: neuronlib
#           image: neuronlib:latest
#           command: [sh, -c]
#           args:
#             - neuronlib run --all --results /shared/results --shard "$((JOB_COMPLETION_INDEX + 1))/40"
#           env: [{name: OMP_NUM_THREADS, value: "2"}]
#           resources:
#             limits: {cpu: "2", memory: 4Gi}
#           volumeMounts:
#             - {name: shared, mountPath: /shared}
#       volumes:
#         - name: shared
#           persistentVolumeClaim: {claimName: shared}
# ```
#
# The image is any with Python and `neuronlib`; the volume is one that all pods can write (`ReadWriteMany`).
# A pod that is evicted is started again and does what its shard still lacks.
#
# ## Without a common disk, and beyond git
#
# Files of results have the same name wherever they are computed.
# So machines without a common disk compute a shard each, and their stores are joined afterwards:
#
#     neuronlib copy /mnt/second/results results
#
# This book's store is part of its git repository.
# GitHub [advises](https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits) to keep
# a repository below 10 GB and refuses files above 100 MB; a clone of every reader carries all of it.
# A store that is too large for that goes to an object store, and comes back from it:
#
#     neuronlib copy results s3://bucket/results
#     neuronlib copy s3://bucket/results results
#
# Any address works that [fsspec](https://filesystem-spec.readthedocs.io) knows; `s3://` needs the package `s3fs`.
# Trained networks are not copied: they can be trained again from their seeds.
#
# ## Where a scheduler saturates
#
# How many workers can one scheduler keep busy?
# These jobs do nothing but sleep for a millisecond, so the time goes into handing them out.
# The last column says how many workers could be at the book's own jobs, which are that much longer.

# %% tags=["hide-input"]
rp.saturation_table(scheduler, costs)

# %% [markdown]
# Median and range over repetitions; scheduler, workers and the command shared one machine with few cores.
# Far more workers than anybody has would be needed, so the book's jobs need not be larger.
#
# ## What goes wrong, and what it costs

# %% tags=["hide-input"]
rp.kills_told(rp.read_benchmark("kills", benchmark))

# %% mystnb={"figure": {"caption": "Memory, open files and temporary files of one process that computed small jobs without a break, against time. A temporary file is one that was being written just then. Nothing piles up.", "name": "fig-scale-hour"}, "image": {"alt": "Three panels against minutes, with level lines: memory in megabytes, number of open files, number of temporary files; the sentence below has the numbers."}} tags=["hide-input"]
hour = rp.read_benchmark("hour", benchmark)
figure, axes = nl.plots.subplots(1, 3, figsize=(9, 2.6))
rp.over_an_hour(axes, hour)

# %% tags=["hide-input"]
rp.hour_told(hour)

# %% [markdown]
# - A killed run (`kill -9`, power) leaves whole files only. What it was at is computed by the next run.
# - Two runs at once leave each other's jobs alone. The one that finds all of its jobs taken ends with exit status 75.
# - On a disk that knows no locks, both may do the same job. They store the same numbers.
# - A full or read-only disk ends a run with one line; what is stored stays.
# - Results of another version of the core have other names, and do not mix.
#
# **Not tried.** The Slurm and Kubernetes files above have never met such a cluster; tests run their commands and read
# their syntax.
# Dask was tried with a scheduler and workers in separate processes of one machine, which shared a folder.
