"""What more machines cost and take, and the files of the chapter that start them."""

import itertools
import os
import re
import subprocess
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import neuronlib.reproduction as rp
from neuronlib.reproduction.analysis.scale import Cost, costs, hours
from neuronlib.reproduction.design.settings import ARCHITECTURES
from neuronlib.reproduction.pages.tables import scale
from neuronlib.reproduction.store.results import NotStored

CHAPTER = (Path(__file__).parents[3] / "book" / "a5_scale.py").read_text()
BLOCKS = {
    kind: [re.sub(r"^# ?", "", block, flags=re.M) for block in re.findall(rf"# ```{kind}\n(.*?)# ```", CHAPTER, re.S)]
    for kind in ("bash", "yaml", "python")
}
PLAIN = {"mnist": Cost(networks=100, measured=10, core_seconds=36.0, size=1e4, together=10)}


def test_costs_are_of_every_architecture_and_add_up_to_the_papers_networks():
    stored = costs()
    assert list(stored) == list(ARCHITECTURES)
    assert sum(cost.networks for cost in stored.values()) == 1760
    assert all(cost.core_seconds > 0 and cost.size > 0 and cost.measured > 0 for cost in stored.values())


def test_costs_of_nothing_are_refused(tmp_path):
    with pytest.raises(NotStored, match="mnist: nothing is stored that says what a network costs"):
        costs(tmp_path)


@given(
    st.lists(st.tuples(st.integers(1, 500), st.floats(0.1, 1e4), st.integers(1, 20)), min_size=1, max_size=4),
    st.floats(1, 100),
    st.floats(1e-3, 1e4),
)
def test_hours_fall_with_cores_down_to_the_longest_job_or_the_scheduler(architectures, times, rate):
    some = {str(k): Cost(n, 1, seconds, 1.0, together) for k, (n, seconds, together) in enumerate(architectures)}
    cores = np.array([1.0, 2.0, 64.0, 1e9])
    found = hours(some, times, cores, rate)
    assert (np.diff(found) <= 0).all()
    assert found[-1] >= max(cost.together * cost.core_seconds for cost in some.values()) / 3600
    assert (found >= hours(some, times, cores)).all()
    # One core does one job after the other.
    total = times * sum(cost.networks * cost.core_seconds for cost in some.values()) / 3600
    assert found[0] >= total * (1 - 1e-12)  # the same sum, divided by one


def test_tables_name_every_place_and_the_scheduler_limits():
    table = scale.places_table(PLAIN, 100.0).data
    assert all(place in table for place in scale.PLACES) and "100 × the paper" in table
    measured = {"jobs_per_second": {"1": [100.0, 110.0, 120.0], "2": [50.0, 60.0, 70.0]}}
    assert scale.most_jobs_per_second(measured) == 110
    # A job of 10 networks takes 360 seconds.
    assert "| 1 | 110 [100,\xa0120] | 40,000 |" in scale.saturation_table(measured, PLAIN).data
    assert "| all | 100 | 10 |" in scale.cost_table(PLAIN).data


def test_sentences_say_what_was_counted():
    told = scale.kills_told({"kills": 3, "while_writing": 1, "lost": 0, "altered": 0, "unreadable": 2}).data
    assert "killed 3 times" in told and "could not be read: 2" in told
    notes: dict[str, list[float]] = {"minute": [1, 2, 60], "jobs": [1, 5, 9], "megabytes": [500, 550, 600]}
    notes |= {"files": [7, 7, 8], "left": [0, 0, 1]}
    told = scale.hour_told(notes).data
    assert "In 60 minutes, one process finished 9 jobs" in told
    assert "memory (MB) 500 at first, 600 at the end" in told and "temporary files 0 at first, 1 at the end" in told


def test_figures_have_a_line_for_each_multiple_and_panels_from_zero():
    figure, axis = plt.subplots()
    rp.hours_by_cores(axis, PLAIN, scale.TIMES, 100.0)
    legend = axis.get_legend()
    assert legend is not None and len(legend.get_texts()) == len(scale.TIMES)
    figure, axes = plt.subplots(1, 3)
    rp.over_an_hour(axes, {"minute": [0, 1], "megabytes": [5, 6], "files": [7, 7], "left": [0, 0]})
    assert all(axis.get_ylim()[0] == 0 < axis.get_ylim()[1] for axis in axes)
    plt.close("all")


def test_the_file_for_slurm_starts_each_shard_once(tmp_path):
    (script,) = BLOCKS["bash"]
    (options,) = re.findall(r"#SBATCH --array=(\d+)-(\d+)", script)
    calls = tmp_path / "calls"
    command = tmp_path / "neuronlib"
    command.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    command.chmod(0o755)
    numbers = range(int(options[0]), int(options[1]) + 1)
    for number in numbers:
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_ARRAY_TASK_ID": str(number)}
        subprocess.run(["bash", "-eu", "-c", script], env=environment, check=True)
    shards = [line.split()[-1] for line in calls.read_text().splitlines()]
    assert shards == [f"{number}/{len(numbers)}" for number in numbers]


def test_the_file_for_kubernetes_starts_each_shard_once():
    (text,) = BLOCKS["yaml"]
    job = yaml.safe_load(text)
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    count = job["spec"]["completions"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["sh", "-c"]
    (line,) = container["args"]
    shards = []
    for index in range(count):
        done = subprocess.run(
            ["sh", "-c", f"neuronlib() {{ echo \"$@\"; }}\n{line}"],
            env={"JOB_COMPLETION_INDEX": str(index)}, check=True, text=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        shards.append(done.stdout.split()[-1])
    assert shards == [f"{index + 1}/{count}" for index in range(count)]
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"]}


def test_the_lines_for_a_dask_cluster_are_python():
    assert len(BLOCKS["python"]) == 1
    for block in itertools.chain(BLOCKS["python"]):
        compile(block, "a5_scale", "exec")
