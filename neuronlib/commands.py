"""The commands on stored results: settings, run, status, verify, claims, doctor.

What a command needs is imported when it is called, so that the others do not wait for it.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from neuronlib._parsers import add_command
from neuronlib.places import RESULTS
from neuronlib.types import Device, NeuronlibError, Scaling


def add_commands(commands: Any) -> None:
    """Add the commands to a command line.

    Args:
        commands: What `argparse.ArgumentParser.add_subparsers` returned.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_commands(parser.add_subparsers())
        >>> parser.parse_args(["run", "mnist-relu-l2", "--networks", "5"]).networks
        5
    """
    text = "list the paper's 40 settings, and the studies beyond them"
    settings = add_command(commands, "settings", text, examples=[""])
    settings.set_defaults(command=_settings)

    text = "train, measure and ablate what is missing of some settings, and store it"
    more = (
        "Finished pieces are stored at once: an interrupted run goes on where it stopped. The number of epochs is "
        "chosen from pilot networks, which are computed first."
    )
    run = add_command(
        commands,
        "run",
        text,
        more,
        examples=[
            "mnist-relu-dropout --networks 10",
            "small-fashion-relu-l2 --networks 5 --values 4 --results mine",
            "mnist-relu-dropout fashion-relu-dropout --processes 8",
            "pruning-mnist-relu",
            "--all",
        ],
    )
    run.set_defaults(command=_run)
    _add_names(run)
    run.add_argument("--networks", type=int, metavar="N", help="networks of each setting; as many as the paper has")
    run.add_argument("--device", choices=get_args(Device), default="auto", help="where to compute (%(default)s)")
    run.add_argument(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="work at N pieces side by side, each with its share of the cores (%(default)s)",
    )
    run.add_argument(
        "--grid",
        type=int,
        metavar="N",
        help="divide a curve of more than 200 neurons into N steps; other curves than the book's, which shows 50",
    )
    run.add_argument(
        "--values", type=int, metavar="N", help="a quantizer with N values, cut at quantiles; the book shows 2"
    )
    run.add_argument("--scaling", choices=get_args(Scaling), help="how pixels are scaled; the book shows standard")
    run.add_argument("--data", type=Path, metavar="DIR", help="where the images are, or are to be downloaded to")

    text = "show what is stored, what is missing or damaged, and how long the rest will take"
    status = add_command(commands, "status", text, examples=["", "mnist-relu-dropout --results mine"])
    status.set_defaults(command=_status)
    _add_names(status)

    text = "compute one stored network of each setting, or of a study that is named, anew, and compare"
    verify = add_command(
        commands,
        "verify",
        text,
        examples=["small-fashion-relu-l2", "mnist-relu-dropout fashion-relu-l2 --seed 7", "early-version"],
    )
    verify.set_defaults(command=_verify)
    _add_names(verify)
    verify.add_argument("--seed", type=int, default=0, help="decides which network it is (%(default)s)")
    verify.add_argument("--device", choices=get_args(Device), default="auto", help="where to compute (%(default)s)")
    verify.add_argument("--data", type=Path, metavar="DIR", help="where the images are")

    text = "answer the paper's 85 claims from what is stored"
    claims = add_command(commands, "claims", text, examples=["", "N5 N6 Q14", "--json"])
    claims.set_defaults(command=_claims)
    claims.add_argument("claims", nargs="*", default=[], metavar="CLAIM", help="which, such as N5; all unless given")
    claims.add_argument("--json", action="store_true", help="one JSON object a line and claim")
    claims.add_argument("--write", type=Path, metavar="FILE", help="write the verdicts' counts into FILE")
    claims.add_argument("--picture", type=Path, metavar="FILE", help="write the first page's picture to FILE, an SVG")
    claims.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="the store (%(default)s)")

    text = "say what is installed, which device there is, which images, and whether the store is whole"
    doctor = add_command(commands, "doctor", text, examples=[""])
    doctor.set_defaults(command=_doctor)
    doctor.add_argument("--data", type=Path, metavar="DIR", help="where the images are")
    doctor.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="the store (%(default)s)")


def _add_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "settings", nargs="*", default=[], metavar="SETTING", help='which; "neuronlib settings" lists them'
    )
    parser.add_argument("--all", action="store_true", help="all 40, those that the paper's figures show first")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="the store (%(default)s)")


def _wanted(options: argparse.Namespace, studies: bool = False) -> list[str]:
    from neuronlib.settings import named
    from neuronlib.studies import STUDIES

    for name in options.settings:
        if not (studies and name in STUDIES):
            named(name)
    if options.settings and options.all:
        raise ValueError("either name settings or say --all")
    return options.settings


def _settings(options: argparse.Namespace) -> None:
    from neuronlib.settings import SETTINGS
    from neuronlib.studies import STUDIES

    for name, setting in SETTINGS.items():
        print(_line(name, setting.hidden, setting.networks, setting.panel))
    print('\nStudies beyond the paper, which "neuronlib run" computes too:')
    for name, one in STUDIES.items():
        print(_line(name, one.setting.hidden, one.networks, one.kind))


def _line(name: str, hidden: Sequence[int], networks: int, what: str) -> str:
    return f"{name:<40} {'-'.join(map(str, hidden)):<18} {networks:>2} networks  {what}".rstrip()


def _run(options: argparse.Namespace) -> None:
    from neuronlib import runner
    from neuronlib.plans import paper_order
    from neuronlib.processes import processes
    from neuronlib.settings import SETTINGS
    from neuronlib.studies import STUDIES

    wanted = _wanted(options, studies=True)
    names = [name for name in wanted if name not in STUDIES]
    if not wanted and not options.all:
        raise ValueError('run what? Name settings ("neuronlib settings" lists them) or say --all')
    stages = [(name, SETTINGS[name].networks) for name in names] or (paper_order() if options.all else [])
    if options.networks is not None:
        stages = list({name: (name, options.networks) for name, _ in stages}.values())
    where = runner.Where(
        results=options.results,
        weights=options.results.with_name("weights"),
        images=options.data,
        device=options.device,
    )
    given = {"points": options.grid, "values": options.values, "scaling": options.scaling}
    differing = {name: value for name, value in given.items() if value is not None}
    studies = [*STUDIES] if options.all else [name for name in wanted if name in STUDIES]
    if studies and not options.all and (differing or options.networks is not None):
        raise ValueError(
            f"{studies[0]}: a study is computed as it is; leave out --networks, --grid, --values, --scaling"
        )
    with processes(options.processes) as executor:
        runner.run(stages, where, executor, **differing)
    for name in studies:
        runner.run_study(name, where)


def _status(options: argparse.Namespace) -> None:
    from neuronlib import audit
    from neuronlib.plans import Plan
    from neuronlib.settings import SETTINGS, named
    from neuronlib.studies import STUDIES, study_path

    names = _wanted(options) or list(SETTINGS)
    found = audit.status(names, options.results)
    print(f"{'setting':<40} {'epochs':>6} {'networks':>9} {'s each':>7} {'left':>8}  panel")
    for one in found:
        missing = max(0, one.wanted - one.networks)
        left = "" if not missing else "?" if one.seconds is None else _duration(missing * one.seconds)
        each = "" if one.seconds is None else f"{one.seconds:.1f}"
        networks = f"{one.networks}/{one.wanted}"
        print(f"{one.name:<40} {one.epochs or '':>6} {networks:>9} {each:>7} {left:>8}  {one.panel}".rstrip())
        for what, files in (("stale", one.stale), ("damaged", one.damaged)):
            for file in files:
                print(f"  {what}: {file}")
    shown = [one for one in found if one.panel]
    there = sum(one.networks >= Plan.of(named(one.name)).together for one in shown)
    complete = sum(one.networks >= one.wanted for one in found)
    if not options.settings:
        for name in STUDIES:
            print(f"{name:<40} study, {'stored' if study_path(name, options.results).is_file() else 'missing'}")
    print(f"{complete} of {len(found)} settings complete; {there} of {len(shown)} that the paper's figures show begun")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"


def _verify(options: argparse.Namespace) -> None:
    from neuronlib import audit, runner, verification
    from neuronlib.settings import SETTINGS
    from neuronlib.store import StoreError

    names: Sequence[str] = _wanted(options, studies=True)
    if not names:
        names = [one.name for one in audit.status(list(SETTINGS), options.results) if one.networks]
    if not names:
        raise ValueError(f'{options.results}: nothing is stored; "neuronlib run" computes it')
    where = runner.Where(results=options.results, images=options.data, device=options.device)
    unsound = []
    for one in verification.verify(names, where, options.seed):
        differences = f"accuracy {100 * one.accuracy:.3g}, counts {100 * one.counts:.3g}, curves {100 * one.curves:.3g}"
        outcome = "identical" if one.identical else f"differs by at most (percentage points): {differences}"
        print(f"{one.name:<40} network {one.network:>2}: {outcome}", flush=True)
        unsound += [] if one.sound else [one.name]
    if unsound:
        raise StoreError(f"not what this version computes: {', '.join(unsound)}")


def _doctor(options: argparse.Namespace) -> None:
    from neuronlib import doctor

    marks = {"fine": "✔", "missing": "○", "wrong": "✘"}
    wrong = []
    for one in doctor.examine(options.data, options.results):
        print(f"{marks[one.state]} {one.what:<16} {one.text}", flush=True)
        wrong += [one.what] if one.state == "wrong" else []
    if wrong:
        raise NeuronlibError(f"not as it should be: {', '.join(wrong)}")


def _claims(options: argparse.Namespace) -> None:
    from neuronlib.archives import StoredArchive
    from neuronlib.claim_pages import ours
    from neuronlib.claims import all_claims, answers, as_json
    from neuronlib.front_page import overview, write_verdicts

    if options.picture:
        overview(StoredArchive(options.results), options.picture)
    if options.write:
        write_verdicts(StoredArchive(options.results), options.write)
    if options.picture or options.write:
        return
    known = [claim.id for claim in all_claims()]
    for wanted in options.claims:
        if wanted not in known:
            raise ValueError(f"no claim {wanted!r}; there are N1 to N14, K1 to K18 and Q1 to Q53")
    for claim, reading, answer in answers(StoredArchive(options.results), options.claims):
        if options.json:
            print(json.dumps(as_json(claim, reading, answer), ensure_ascii=False))
        else:
            name = f"{claim.id} ({reading})" if reading else claim.id
            print(f"{name:<28} {answer.verdict:<15} {claim.paper:<8} {ours(answer):<36} {answer.reason}".rstrip())
