"""The commands that look at what there is: settings, status, claims, doctor.

What a command needs is imported when it is called, so that the others do not wait for it.
"""

import argparse
import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuronlib.common.errors import NeuronlibError
from neuronlib.common.paths import expanded
from neuronlib.reproduction.cli.parsers import add_command, add_names, folder, wanted_names
from neuronlib.reproduction.cli.strays import name_strays
from neuronlib.reproduction.store.paths import RESULTS

if TYPE_CHECKING:
    from neuronlib.reproduction.claims.table import Claim
    from neuronlib.reproduction.claims.verdicts import Answer

_CLAIM = "{:<34} {:<14} {:<12} {:<11} {:<34} {:>2}  {}"


def add_commands(commands: Any) -> None:
    """Add the commands to what `argparse.ArgumentParser.add_subparsers` returned."""
    text = "list the paper's 40 settings, and the studies beyond them"
    settings = add_command(commands, "settings", text, examples=[""])
    settings.set_defaults(command=_settings)

    text = "show what is stored, what is missing or damaged, and how long the rest will take"
    status = add_command(commands, "status", text, examples=["", "mnist-relu-dropout --results mine"])
    status.set_defaults(command=_status)
    add_names(status, "all 40 settings and the studies, as when none is named")

    text = "answer the paper's 85 claims from what is stored"
    claims = add_command(commands, "claims", text, examples=["", "N5 N6 Q14", "Q22 --margin 10", "--json"])
    claims.set_defaults(command=_claims)
    claims.add_argument(
        "claims",
        nargs="*",
        default=[],
        metavar="CLAIM",
        help="which, such as N5, and a single one at length; all unless given",
    )
    claims.add_argument(
        "--margin",
        type=float,
        metavar="POINTS",
        help="the smallest difference of accuracies that counts (5): as the paper means it, smaller gaps are similar; "
        "established is what tests against this margin say",
    )
    claims.add_argument("--json", action="store_true", help="one JSON object a line, for each reading of each claim")
    claims.add_argument(
        "--write",
        type=expanded,
        metavar="FILE",
        help="replace what stands in FILE between its marks <!-- verdicts --> and <!-- end of verdicts --> by what "
        "held, the verdicts' counts and five numbers",
    )
    claims.add_argument(
        "--picture", type=expanded, metavar="FILE", help="write the first page's picture to FILE, an SVG"
    )
    claims.add_argument(
        "--forest", type=expanded, metavar="FILE", help="write the paper's numbers beside ours to FILE, an SVG"
    )
    claims.add_argument("--results", type=folder, default=RESULTS, metavar="DIR", help="the store (%(default)s)")

    text = "say what is installed, which device there is, which images, and whether the store is whole"
    doctor = add_command(commands, "doctor", text, examples=[""])
    doctor.set_defaults(command=_doctor)
    doctor.add_argument("--data", type=folder, metavar="DIR", help="where the images are")
    doctor.add_argument("--results", type=folder, default=RESULTS, metavar="DIR", help="the store (%(default)s)")


def _settings(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.design.settings import SETTINGS
    from neuronlib.reproduction.design.studies import ALL_STUDIES

    for name, setting in SETTINGS.items():
        print(_line(name, "-".join(map(str, setting.hidden)), setting.networks, setting.panel))
    print('\nStudies beyond the paper, which "neuronlib run" computes too:')
    for name, one in ALL_STUDIES.items():
        print(_line(name, one.shape, one.networks, one.kind))


def _line(name: str, shape: str, networks: int, what: str) -> str:
    return f"{name:<48} {shape:<18} {networks:>2} networks  {what}".rstrip()


def _status(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.design.protocol import RunProtocol
    from neuronlib.reproduction.design.settings import SETTINGS, named
    from neuronlib.reproduction.design.studies import ALL_STUDIES
    from neuronlib.reproduction.store import status as audit
    from neuronlib.reproduction.store.results import study_path

    settings, studies = wanted_names(options)
    if not settings and not studies:
        settings, studies = list(SETTINGS), list(ALL_STUDIES)
    name_strays(options.results)
    entries = audit.status(settings, options.results)
    print(f"{'name':<48} {'epochs':>6} {'networks':>9} {'s each':>7} {'left':>8}  panel")
    for entry in entries:
        missing = max(0, entry.wanted - entry.networks)
        left = "" if not missing else "?" if entry.seconds is None else _duration(missing * entry.seconds)
        each = "" if entry.seconds is None else f"{entry.seconds:.1f}"
        networks = f"{entry.networks}/{entry.wanted}"
        print(f"{entry.name:<48} {entry.epochs or '':>6} {networks:>9} {each:>7} {left:>8}  {entry.panel}".rstrip())
        for what, files in (("stale", entry.stale), ("damaged", entry.damaged)):
            for file in files:
                print(f"  {what}: {file}")
        for file, reason in entry.unread.items():
            print(f"  cannot be read: {file} ({reason})")
        if entry.others:
            print(f"  also: {', '.join(f'{number} with {option}' for option, number in entry.others.items())}")
    shown = [entry for entry in entries if entry.panel]
    begun_count = sum(entry.networks >= RunProtocol.of(named(entry.name)).together for entry in shown)
    complete = sum(entry.networks >= entry.wanted for entry in entries)
    for name in studies:
        print(f"{name:<48} study, {_state(study_path(name, options.results))}")
    if entries:
        begun = f"{begun_count} of {len(shown)} that the paper shows or names begun"
        print(f"{complete} of {len(entries)} settings complete; {begun}")


def _state(path: Path) -> str:
    from neuronlib.reproduction.store.netcdf import examined

    fault = next((one.fault for one in examined(path.parent) if one.path == path), None)
    if fault is None:
        return "missing"
    return f"{fault}: {path.name}" if fault else "stored"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"


def _doctor(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.compute import doctor
    from neuronlib.reproduction.course.isolation import sandbox

    marks = {"fine": "✔", "missing": "○", "wrong": "✘"}
    wrong = []
    apart = sandbox.protection()
    text = f"students' code runs in {apart.text}" if apart.complete else f"{sandbox.MISSING}; until then: {apart.text}"
    grading = doctor.Finding("grading", "fine" if apart.complete else "missing", text)
    for one in (*doctor.examine(options.data, options.results), grading):
        print(f"{marks[one.state]} {one.what:<16} {one.text}")
        wrong += [one.what] if one.state == "wrong" else []
    if wrong:
        raise NeuronlibError(f"not as it should be: {', '.join(wrong)}")


def _claims(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.claims.claims import answers, as_json
    from neuronlib.reproduction.claims.table import all_claims
    from neuronlib.reproduction.claims.verdicts import MARGIN
    from neuronlib.reproduction.compute.sources import StoredResults
    from neuronlib.reproduction.store.atomic import check_target

    name_strays(options.results)
    if options.picture or options.forest or options.write:
        if options.claims or options.json:
            raise ValueError("--write, --picture and --forest take all claims; leave out the others, and --json")
        if not options.results.is_dir():
            raise ValueError(f"{options.results}: there is no such folder of results")
        for file in filter(None, (options.picture, options.forest, options.write)):
            check_target(file)
        from neuronlib.reproduction.pages.front_page import forest_picture, overview, write_verdicts

        source = StoredResults(options.results)
        if options.picture:
            overview(source, options.picture)
        if options.forest:
            forest_picture(source, options.forest)
        if options.write:
            write_verdicts(options.results, options.write)
        return
    known = [claim.id for claim in all_claims()]
    for wanted in options.claims:
        if wanted not in known:
            raise ValueError(f"no claim {wanted!r}; there are N1 to N14, K1 to K18 and Q1 to Q53")
    margin = MARGIN if options.margin is None else options.margin
    if not 0 < margin < 100:
        raise ValueError(f"--margin {margin:g}: expected percentage points above 0 and below 100")
    source = StoredResults(options.results)
    if len(set(options.claims)) == 1 and not options.json:
        from neuronlib.reproduction.pages.tables.each_claim import claim_as_text

        (claim,) = (claim for claim in all_claims() if claim.id in options.claims)
        print(claim_as_text(claim, source, margin))
        return
    answered = answers(source, options.claims, margin)
    if options.json:
        for answer in answered:
            print(json.dumps(as_json(*answer), ensure_ascii=False))
        return
    shown = []
    header = ("claim", "as meant", "established", "paper", "stored networks, 95 % interval", "n", "")
    print(_CLAIM.format(*header).rstrip())
    for one in answered:
        shown.append(one)
        print(_claim_line(*one))
    if not options.claims:
        from neuronlib.reproduction.pages.tables.claims import verdict_counts

        for how, (meant, found) in verdict_counts(shown).items():
            print(f"{how}, as the paper means it: {_listed(meant)}")
            print(f"{how}, established: {_listed(found)}")


def _listed(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def _claim_line(claim: "Claim", reading: str, answer: "Answer") -> str:
    from neuronlib.reproduction.pages.tables.claims import ours

    name = f"{claim.id} ({reading})" if reading else claim.id
    paper = textwrap.shorten(claim.paper, 11, placeholder=" …")
    return _CLAIM.format(
        name, answer.verdict, answer.finding, paper, ours(answer), answer.n or "", answer.reason
    ).rstrip()
