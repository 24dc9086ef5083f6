import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import first
from benchmarks.__main__ import main
from neuronlib.reproduction.analysis.performance import StepAccount, ratios, read_benchmark, step_parts
from neuronlib.reproduction.book.notebooks import execute
from neuronlib.reproduction.store.paths import RESULTS

ROOT = Path(__file__).parents[2]
NAMES = {
    *("limits", "training", "steps", "measuring", "ablating", "growth"),
    *("groups", "lattices", "watching", "cluster", "first"),
}
OF_ENDURANCE = {"kills", "hour"}


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bench")
    for module in ("benchmarks", "benchmarks.first"):
        command = [sys.executable, "-m", module, "--quick", "--out", str(out)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return out


def test_benchmark_writes_every_contest_with_its_machine(quick):
    assert {path.name for path in quick.iterdir()} == {f"{name}.json" for name in NAMES}
    for name in NAMES:
        assert read_benchmark(name, quick)["machine"]["threads"] >= 1


def test_every_contestant_is_timed_in_every_repetition(quick):
    for name in ("measuring", "groups", "lattices", "watching"):
        assert {len(times) for times in read_benchmark(name, quick)["seconds"].values()} == {1}
    for name in ("training", "steps", "ablating"):
        assert {len(times) for times in read_benchmark(name, quick)["mnist"]["seconds"].values()} == {1}


def test_parts_of_a_step_add_up_to_it(quick):
    # With one repetition a median is the number itself; the tolerance is rounding of a sum of six.
    times = read_benchmark("steps", quick)["mnist"]["seconds"]
    for whole, parts in zip(("before", "core", "core, Dropout"), step_parts(times).values(), strict=True):
        assert sum(parts.values()) == pytest.approx(times[whole][0], rel=1e-12)


def test_performance_chapter_shows_a_benchmark_of_ones_own(quick):
    page = execute("a3_performance", {"benchmark": str(quick)})
    assert json.loads((quick / "limits.json").read_text())["machine"]["processor"] in json.dumps(page)


def test_first_hour_is_measured_from_start_to_first_step(quick):
    content = read_benchmark("first", quick)
    assert all(seconds > 0 for (seconds,) in content["starts"].values())
    assert content["first_steps"].keys() == {"not compiled"}


def test_stored_benchmark_is_complete():
    assert {path.stem for path in (RESULTS / "bench").iterdir()} == NAMES | OF_ENDURANCE
    for name in ("training", "ablating"):
        assert {"mnist", "cifar10"} < read_benchmark(name).keys()


@pytest.mark.parametrize("command", [main, first.main])
@pytest.mark.parametrize("value", ["0", "-3"])
def test_benchmark_refuses_less_than_one_repetition(value, command, capsys):
    with pytest.raises(SystemExit, match="2"):
        command(["--repetitions", value])
    assert capsys.readouterr().err.endswith(f"--repetitions {value}: expected at least 1\n")


def test_unreadable_benchmark_is_named(tmp_path):
    (tmp_path / "limits.json").write_text("{")
    with pytest.raises(ValueError, match=r'limits.json: not a benchmark .*; "make bench" writes it anew'):
        read_benchmark("limits", tmp_path)


def test_operations_of_a_step_are_those_of_its_products():
    # Two per multiply-add: 32 x 4 x 3 and 32 x 3 x 2 forward, the same for the weights, 32 x 3 x 2 back to layer 1.
    account = StepAccount.of((4, 3, 2), batch_size=32)
    assert account.operations == 2 * 32 * (2 * (12 + 6) + 6)
    assert account.state_bytes == 16 * (12 + 6 + 3 + 2)
    assert account.update_bytes == 28 * (12 + 6 + 3 + 2)


def test_limit_is_the_products_or_the_updates_traffic_outside_the_cache_whichever_takes_longer():
    account = StepAccount(operations=100, update_bytes=60, state_bytes=8)
    assert account.limit(50.0, 20.0, together=2, cache_bytes=16) == 2.0
    assert account.limit(50.0, 20.0, together=2, cache_bytes=12) == 2.0
    assert account.limit(50.0, 20.0, together=2, cache_bytes=4) == 0.75 * 3.0


def test_ratios_need_as_many_repetitions_of_both():
    with pytest.raises(ValueError, match="1 and 2 repetitions"):
        ratios([1.0], [1.0, 2.0])
