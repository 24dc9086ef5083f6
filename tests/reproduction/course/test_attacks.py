"""What hostile submissions try, and that none of it works. Each attack is one submission of a small assignment."""

import contextlib
import csv
import os
import re
import socket
import sys

import nbformat
import psutil
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode, v4

from neuronlib.reproduction.cli.main import main
from neuronlib.reproduction.course import grading, handouts
from neuronlib.reproduction.course.execution import Execution, points_of
from neuronlib.reproduction.course.grades import given_before, quoted, without_quote
from neuronlib.reproduction.course.isolation.processes import NotebookError
from neuronlib.reproduction.course.isolation.sandbox import container, protection, works
from neuronlib.reproduction.course.nbgrader import nbgrader
from neuronlib.reproduction.course.submissions import printable

GIVEN = """\
from neuronlib.reproduction.course import report as reports

def fact(says, answer, expected):
    return reports.Fact(says, lambda: reports.differs(answer(), expected))
"""
SOLUTION = """\
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
"""
CHECK = """\
report = reports.examine("double", [fact("of one", lambda: double(1.0), 2.0)])
print(report)
report.points
"""
HIDDEN = """\
### BEGIN HIDDEN TESTS
hidden = reports.examine("double", [fact("of 7", lambda: double(7.0), 14.0), fact("of 8", lambda: double(8.0), 16.0)])
print(hidden)
hidden.points
### END HIDDEN TESTS
"""
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return 0\n"
FULL = 3
# Printed by an attack that has reached what it should not.
REACHED = "REACHED"
SECRET = "a-token-of-the-grader"
SLEEP = "98765.4321"


def role(kind, name, points=None):
    solution, graded = {"given": (False, False), "answer": (True, False), "check": (False, True)}[kind]
    marks = {"grade_id": name, "solution": solution, "grade": graded, "locked": not solution, "task": False}
    return NotebookNode(nbgrader=NotebookNode(marks, schema_version=3, **({"points": points} if points else {})))


def doubling():
    cells = [
        v4.new_code_cell(GIVEN, metadata=role("given", "imports")),
        v4.new_code_cell(SOLUTION, metadata=role("answer", "double")),
        v4.new_code_cell(CHECK, metadata=role("check", "check_double", 1)),
        v4.new_code_cell(HIDDEN, metadata=role("check", "check_hidden", 2)),
    ]
    kernel = NotebookNode(name="python3", display_name="Python 3", language="python")
    return v4.new_notebook(cells=cells, metadata=NotebookNode(kernelspec=kernel))


def lay_out(folder):
    folder.mkdir(exist_ok=True)
    (folder / "nbgrader_config.py").write_text(handouts._CONFIGURATION % 60)
    (folder / "source" / "doubling").mkdir(parents=True)
    nbformat.write(doubling(), folder / "source" / "doubling" / "doubling.ipynb")
    assert nbgrader(folder).generate_assignment("doubling")["success"]


def submission(folder, student):
    return folder / "submitted" / student / "doubling" / "doubling.ipynb"


def hand_in(folder, student, answer=RIGHT, change=lambda notebook: None, files=()):
    notebook = doubling()
    notebook.cells[1].source = answer
    change(notebook)
    file = submission(folder, student)
    file.parent.mkdir(parents=True)
    nbformat.write(notebook, file)
    for name, content in dict(files).items():
        (file.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (file.parent / name).write_text(content)


def patched(points):
    return f"{WRONG}reports.Report.points = property(lambda self: {points})"


# Answers that are wrong, and claim points all the same.
POINTS = {
    "points of the report": patched("1.0"),
    "not a number": patched("float('nan')"),
    "infinity": patched("float('inf')"),
    "negative": patched("-5.0"),
    "a thousand million": patched("1e9"),
    "text": patched("'1.0'"),
    "a truth": patched("True"),
    "a number of numpy": patched("__import__('numpy').float64(1)"),
    "an object that looks like points": patched("type('P', (), {'__repr__': lambda self: '1.0'})()"),
    "examine": WRONG + "reports.examine = lambda title, facts: reports.Report(title, (('all', None, 9.0),))",
    "code of examine": WRONG + "reports.differs.__code__ = (lambda answer, expected, *_: None).__code__",
    "given function": WRONG + "fact = lambda says, answer, expected: reports.Fact(says, lambda: None)",
    "sum of the builtins": WRONG + "import builtins\nbuiltins.sum = lambda *_: 1.0",
    "float of the builtins": WRONG + "import builtins\nbuiltins.float = lambda *_: 1.0",
    "what is displayed": WRONG
    + "get_ipython().display_formatter.format = lambda *_, **__: ({'text/plain': '1.0'}, {})",
    "how numpy compares": WRONG + "import numpy\nnumpy.allclose = lambda *_, **__: True",
    "a package in memory": WRONG
    + "import sys, types\nfake = types.ModuleType('reports')\nfake.__dict__.update(vars(reports))\n"
    + "fake.differs = lambda *_, **__: None\nsys.modules[reports.__name__] = reports = fake",
    "code after each cell": WRONG
    + "def late(*_):\n    reports.Report.points = property(lambda self: 1.0)\n"
    + "get_ipython().events.register('pre_run_cell', late)",
    "another thread": WRONG
    + "import threading, time\ndef late():\n    while True:\n        reports.differs = lambda *_, **__: None\n"
    + "threading.Thread(target=late, daemon=True).start()",
    "the caller's numbers": "import sys\n\ndef double(x):\n    frame = sys._getframe()\n    while frame:\n"
    + "        if 'expected' in frame.f_locals:\n            return frame.f_locals['expected']\n"
    + "        frame = frame.f_back\n    return 0",
    "an object that equals all": "import numpy\n\nclass Any(float):\n    def __array__(self, *_, **__):\n"
    + "        raise SystemExit\n\ndef double(x):\n    return Any('nan')",
    "code for unpickling": "class Code:\n    def __reduce__(self):\n        return (eval, ('1',))\n\ndef double(x):\n"
    + "    return Code()",
}

# Answers that are wrong, in notebooks or beside files that claim points.
FILES = {
    "sitecustomize": {"sitecustomize.py": "raise SystemExit"},
    "conftest": {"conftest.py": "raise SystemExit"},
    "a package beside": {"neuronlib.py": "raise SystemExit"},
    "numpy beside": {"numpy.py": "raise SystemExit"},
    "a path file": {"x.pth": "import os; os._exit(1)"},
    "startup": {"profile_default/startup/0.py": "raise SystemExit", "ipython_config.py": "raise SystemExit"},
}


def with_metadata(notebook):
    notebook.metadata.kernelspec = NotebookNode(name="evil", display_name="x", language="bash")
    for cell in notebook.cells[2:]:
        cell.metadata.nbgrader.points = 1000
        cell.outputs = [v4.new_output("execute_result", data={"text/plain": "1.0"})]


def with_cells_of_points(notebook):
    notebook.cells[1].metadata.nbgrader.update(grade=True, points=50)
    notebook.cells.append(v4.new_code_cell("50.0", metadata=role("check", "mine", 50)))


def with_changed_checks(notebook):
    for cell in notebook.cells[2:]:
        cell.source = "1.0"
        cell.metadata.nbgrader.update(locked=False, solution=True)


CHANGES = {"metadata": with_metadata, "cells of points": with_cells_of_points, "changed checks": with_changed_checks}


def reaching(code):
    return f"{WRONG}try:\n" + "".join(f"    {line}\n" for line in code.splitlines()) + "except Exception:\n    pass"


SAY = "print('REA' + 'CHED')"


def reach(course, outside, port):
    """Code of answers that reach for what is not theirs."""
    upwards = "import os\nfrom pathlib import Path\nplaces = [Path.cwd(), *Path.cwd().parents, Path({!r})]\n"
    seek = upwards.format(str(course)) + "if any(list(place.glob({!r})) for place in places):\n    " + SAY
    write = "from pathlib import Path\nPath({!r}).write_text('x')\n" + SAY
    environment = "import os\nfor name in ('/proc/1/environ', f'/proc/{os.getppid()}/environ'):\n"
    history = "if 'of' + ' 7' in str(get_ipython().user_ns.get('In')):\n    " + SAY
    return {
        "the source": reaching(seek.format("source/*/*.ipynb")),
        "another submission": reaching(seek.format("submitted/*/*/*.ipynb")),
        "the gradebook": reaching(seek.format("gradebook.db")),
        "the course": reaching(write.format(str(course / "written"))),
        "other files": reaching(write.format(str(outside / "written"))),
        "packages": reaching(f"import neuronlib.reproduction.course.report as r\nopen(r.__file__, 'r+')\n{SAY}"),
        "solutions in the book": reaching(
            f"from neuronlib.reproduction.store.paths import BOOK\nif list(BOOK.glob('assignments/*')):\n    {SAY}"
        ),
        "the environment": reaching(f"import os\nif {SECRET!r} in str(dict(os.environ)):\n    {SAY}"),
        "the grader's environment": reaching(
            environment + f"    if {SECRET.encode()!r} in open(name, 'rb').read():\n        {SAY}"
        ),
        "the network": reaching(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 5)\n{SAY}"),
        "the grader's process": reaching(f"import os\nos.kill({os.getpid()}, 0)\n{SAY}"),
        "hidden tests": reaching(history),
    }


# Answers that break the process that runs them.
BREAK = {
    "kills its parent": "import contextlib, os\nwith contextlib.suppress(OSError):\n    os.kill(os.getppid(), 9)\n"
    "os.kill(os.getpid(), 9)",
    "kills itself": "import os\nos.kill(os.getpid(), 9)",
    "kills its group": "import os\nos.killpg(0, 9)",
    "exits": "import os\nos._exit(0)",
    "closes what it is asked through": "import os\nos.closerange(0, 100)",
    "answers with noise": "import os\nfor one in range(3, 100):\n    try:\n        os.write(one, b'noise' * 99)\n"
    "    except OSError:\n        pass",
    "catches all": "while True:\n    try:\n        while True:\n            pass\n"
    "    except BaseException:\n        pass",
}

# Answers that take more than there is, and then hold on to it until they are stopped.
EXHAUST = {
    "memory": "block = bytearray(10 << 30)\nprint('REA' + 'CHED')",
    "disk": "import os\nfor name in range(20):\n    with open(f'{name}', 'wb') as file:\n"
    "        file.write(bytes(64 << 20))\nprint('REA' + 'CHED')",
    "files": "files = [open('/dev/null') for _ in range(5000)]\nprint('REA' + 'CHED')",
    "processes": "import os, time\nfor _ in range(600):\n    if os.fork() == 0:\n        time.sleep(60)\n"
    "        os._exit(0)\nprint('REA' + 'CHED')",
}

OUTLIVE = f"""\
import os, subprocess
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        subprocess.Popen(["sleep", "{SLEEP}"], start_new_session=True)
    os._exit(0)
subprocess.Popen(["sleep", "{SLEEP}"])
"""

PAGE = """\
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML("<b>bold</b><script>alert(1)</script><img src=x onerror=alert(2)><iframe src='//evil.example'></iframe>"))
display(HTML("<table onclick='f()'><tr><td>cell <b>bold</b></td></tr></table><a href='javascript:f(3)'>a</a>"))
display(HTML("<a href='data:text/html,<script>alert(4)</script>'>data</a><form action='//evil.example'></form>"))
display(HTML("<svg onload=alert(5)><script>alert(6)</script></svg>"), metadata={"text/html": {"isolated": True}})
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(7)</script></svg>'))
display(Javascript("alert(8)"))
display(Markdown("[md](javascript:alert(10)) <script>alert(11)</script> <object data='//evil.example'></object>"))
display({"image/png": "aGk=", "text/plain": "p"}, raw=True, metadata={"image/png": {"width": "1 onerror=alert(12)"}})
display({"image/png": '"><script>alert(13)</script>', "text/plain": "p"}, raw=True)
display({"application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>alert(14)</script>"}}, raw=True)
print("<script>alert(15)</script>\\x1b[31m<script>alert(16)</script>")
"""
PAGE_FAILS = "raise ValueError('<script>alert(17)</script>')"
PAGE_MARKDOWN = """\
<script>alert(18)</script> [md](javascript:alert(19)) ![i](javascript:alert(20)) <img src=x onerror=alert(21)>
<scr<b>ipt>alert(22)</script> <a href="&#106;avascript:alert(23)">x</a> <style>@import '//evil.example'</style>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(24)&gt;">
"""


def with_page(notebook):
    notebook.cells.append(v4.new_code_cell(PAGE, metadata={"magics_language": 'x"><script>alert(25)</script>'}))
    notebook.cells.append(v4.new_code_cell(PAGE_FAILS))
    notebook.cells.append(v4.new_markdown_cell(PAGE_MARKDOWN))
    notebook.cells.append(v4.new_markdown_cell("<https://example.org> `a < b` and **bold**"))
    notebook.cells.append(v4.new_raw_cell("<script>alert(26)</script>", metadata={"raw_mimetype": "text/html"}))
    language = 'x"><script>alert(27)</script>'
    notebook.metadata.language_info = NotebookNode(name=language, pygments_lexer=language)


FIGURE = """\
import matplotlib.pyplot as plt
import pandas
plt.plot([1, 2])
plt.show()
display(pandas.DataFrame({"bits": [0.25]}))
"""


def with_figure(notebook):
    notebook.cells.append(v4.new_code_cell("from IPython.display import display\n" + FIGURE))


def with_much_output(notebook):
    notebook.cells.append(v4.new_code_cell("for _ in range(30):\n    print('much ' * 200_000)"))
    notebook.cells.append(v4.new_code_cell("raise ValueError('long ' * 2_000_000)"))


FORMULAS = ["=cmd()", "+1", "-1", "@sum(a)", "'=quoted", " =spaced x"]
BAD_NAMES = ["*", "[ab]", "{0}", "bell\x07", "line\nbreak"]


def page(folder, student):
    file = folder / "feedback" / student / "doubling" / "doubling.html"
    return file.read_text() if file.exists() else ""


@pytest.fixture(scope="module")
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def execution(folder, apart=None, seconds=20):
    return Execution(apart or protection(), folder, doubling(), {"given.txt": b"given"}, seconds)


def executed(folder, answer, *more, apart=None, seconds=20):
    notebook = doubling()
    notebook.cells[1].source = answer
    notebook.cells += [v4.new_code_cell(source) for source in more]
    execution(folder, apart, seconds).execute(notebook)
    return notebook


def said(notebook):
    return "\n".join(output.get("text", "") for cell in notebook.cells for output in cell.outputs)


def points(notebook):
    return sum(points_of(cell) for cell in notebook.cells[2:4])


def alive(argument):
    return [one.pid for one in psutil.process_iter(["cmdline"]) if argument in (one.info["cmdline"] or [])]


shut_in = pytest.mark.skipif(
    not protection().complete, reason="bubblewrap is not installed, or the system forbids what it needs"
)
OTHERS = [choice for choice in ("namespaces", "none") if choice in works()]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    lay_out(folder)
    return folder


def test_right_answer_earns_all_and_wrong_one_nothing(course):
    assert points(executed(course, RIGHT)) == FULL
    assert points(executed(course, WRONG)) == 0


@pytest.mark.parametrize("attack", POINTS)
def test_wrong_answer_earns_nothing_whatever_it_changes_in_its_process(course, attack):
    assert points(executed(course, POINTS[attack])) == 0


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("def double(x):\n    while True:\n        pass", "CellTimeoutError"),
        ("def double(x):\n    raise KeyError('none')", "your code raises KeyError: 'none'"),
        ("def double(x):\n    raise SystemExit(3)", "your code raises SystemExit: 3"),
        ("def double(x):\n    raise NotImplementedError", "not written yet"),
        ("def double(x):\n    return print", "expected numbers, text, lists, dictionaries or arrays, found builtin"),
        ("def double(x):\n    return bytearray(30 << 20).hex()", "expected at most 16777216 bytes"),
        ("double = open('/dev/null')", "double: TypeError: expected numbers, text"),
        ("double = 3", "'int' object is not callable"),
        ("", "name 'double' is not defined"),
    ],
)
def test_answer_that_fails_earns_nothing_and_is_told_why(course, answer, message):
    notebook = executed(course, answer, seconds=2)
    assert points(notebook) == 0
    assert message in str([cell.outputs for cell in notebook.cells[2:4]])


def test_tensor_is_an_array_to_a_check_and_a_changed_argument_is_seen(course):
    notebook = doubling()
    notebook.cells[1].source = "import torch\ndef double(x):\n    x *= 2\n    return torch.tensor(x)"
    notebook.cells[2].source = "import numpy\ngiven = numpy.ones(2)\nresult = double(given)\nprint(given, result)\n1.0"
    execution(course).execute(notebook)
    assert said_in(notebook.cells[2]) == "[2. 2.] [2. 2.]\n"


@pytest.mark.parametrize("said", ["nan", "inf", "-1.0", "1e9", "'2.0'", "True", "np.float64(1.0)", "many", ""])
def test_points_are_a_finite_number_from_0_to_full(said):
    result = v4.new_output("execute_result", data={"text/plain": said})
    cell = v4.new_code_cell(outputs=[result], metadata=role("check", "check_double", 2))
    with pytest.raises(NotebookError, match="expected points from 0 to 2"):
        points_of(cell)


def test_check_that_gives_no_points_or_several_is_told():
    result = v4.new_output("execute_result", data={"text/plain": "1.0"})
    for outputs in ([], [result, result]):
        with pytest.raises(NotebookError, match="gives no number of points"):
            points_of(v4.new_code_cell(outputs=outputs, metadata=role("check", "check_double", 2)))


@shut_in
def test_nothing_of_the_grader_is_within_reach(course, tmp_path, port, monkeypatch):
    monkeypatch.setenv("TOKEN", SECRET)
    hand_in(course, "victim")
    attacks = reach(course, tmp_path, port)
    notebook = executed(course, WRONG, *attacks.values())
    reached = [name for name, cell in zip(attacks, notebook.cells[4:], strict=True) if REACHED in said_in(cell)]
    assert reached == []
    assert not (course / "written").exists() and not (tmp_path / "written").exists()


def said_in(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def test_what_was_handed_out_is_there_and_what_checks_hold_is_not(course):
    notebook = executed(course, RIGHT, "import os\nprint(sorted(os.listdir()), open('given.txt').read())", "print(In)")
    assert said_in(notebook.cells[4]) == "['given.txt'] given\n"
    assert "def double" in said_in(notebook.cells[5]) and "hidden" not in said_in(notebook.cells[5])


@shut_in
@pytest.mark.parametrize("what", EXHAUST)
def test_nothing_is_exhausted(course, what):
    # A process that cannot go on says so, or is ended; either way it did not get what it asked for.
    try:
        assert REACHED not in said(executed(course, WRONG, EXHAUST[what]))
    except NotebookError as error:
        assert "memory" in str(error) or "ended" in str(error)


@pytest.mark.parametrize("choice", works())
def test_what_was_started_ends_with_the_notebook(course, choice):
    assert points(executed(course, RIGHT + OUTLIVE, apart=protection(choice))) == FULL
    assert alive(SLEEP) == []


@pytest.mark.parametrize("choice", OTHERS)
def test_parent_that_is_killed_is_not_the_grader(course, choice):
    # The first process of a namespace cannot be killed from inside, so there the notebook goes on.
    with contextlib.suppress(NotebookError):
        assert points(executed(course, WRONG + BREAK["kills its parent"], apart=protection(choice))) == 0
    assert points(executed(course, RIGHT, apart=protection(choice))) == FULL


def test_right_answers_earn_all_under_every_protection(course):
    for choice in works():
        assert points(executed(course, RIGHT, apart=protection(choice))) == FULL


def test_namespaces_hide_the_course_and_the_network(course, port):
    if "namespaces" not in works():
        pytest.skip("the system forbids user namespaces")
    attacks = reach(course, course, port)
    named = ["the course", "the gradebook", "the network", "the grader's process"]
    notebook = executed(course, WRONG, *(attacks[name] for name in named), apart=protection("namespaces"))
    assert [name for name, cell in zip(named, notebook.cells[4:], strict=True) if REACHED in said_in(cell)] == []


def test_doctor_names_the_protection(tmp_path, capsys):
    main(["doctor", "--data", str(tmp_path), "--results", str(tmp_path)])
    assert f"grading          students' code runs in {protection().text}" in capsys.readouterr().out or not (
        protection().complete
    )


def test_container_gets_no_network_no_files_and_no_rights(course, tmp_path, monkeypatch):
    # In place of an engine: it notes what it is asked, and runs the command that would run in the container.
    engine = tmp_path / "podman"
    noted = tmp_path / "noted"
    engine.write_text(
        f'#!/bin/sh\necho "$@" >> {noted}\ntest "$1" = run || exit 0\n'
        f'while [ "$1" != the-image ]; do shift; done\nshift 2\nexec {sys.executable} "$@"\n'
    )
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert points(executed(course, RIGHT, apart=container("the-image"))) == FULL
    asked = noted.read_text().splitlines()
    for option in ("--network none", "--read-only", "--cap-drop ALL", "--pids-limit", "--memory", "--user 65534:65534"):
        assert option in asked[0]
    assert "--volume" not in asked[0] and str(course) not in asked[0]
    names = re.findall(r"^run .*--name (\S+)", noted.read_text(), re.MULTILINE)
    assert sorted(f"kill {name}" for name in names) == sorted(line for line in asked if line.startswith("kill"))


def test_protection_that_is_missing_or_misspelt_is_told_in_a_line(course, capsys, monkeypatch):
    assert main(["grade", str(course), "--sandbox", "jail"]) == 2
    assert "--sandbox jail: expected one of auto, bwrap, namespaces, none" in capsys.readouterr().err
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert main(["grade", str(course), "--container", "image"]) == 1
    assert "--container image: needs podman or docker" in capsys.readouterr().err


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    lay_out(folder)
    for name, change in CHANGES.items():
        hand_in(folder, name, WRONG, change)
    hand_in(folder, "files", WRONG, files={name: text for files in FILES.values() for name, text in files.items()})
    for name, code in BREAK.items():
        hand_in(folder, name, WRONG + code)
    hand_in(folder, "page", change=with_page)
    hand_in(folder, "figure", change=with_figure)
    hand_in(folder, "much", change=with_much_output)
    for name in (*FORMULAS[:4], *BAD_NAMES):
        hand_in(folder, name)
    hand_in(folder, "honest")
    source = folder / "source" / "doubling" / "doubling.ipynb"
    link(folder, "a link").symlink_to(source)
    link(folder, "a hard link").hardlink_to(source)
    os.mkfifo(link(folder, "a pipe"))
    link(folder, "a folder").mkdir()
    link(folder, "too large").write_bytes(b" " * (11 << 20))
    link(folder, "deep").write_text('{"cells":' * 20_000)
    link(folder, "no cells").write_text('{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    (folder / "submitted" / "linked folder").symlink_to(folder / "submitted" / "honest")
    (folder / "submitted" / "linked").mkdir()
    (folder / "submitted" / "linked" / "doubling").symlink_to(source.parent)
    hand_in(folder, "zoe")
    # Long enough to draw a figure on a busy machine; one notebook waits for it.
    grades = grading.grade(folder, ["doubling"], report=lambda line: None, seconds=20)
    return folder, {grade.student: grade for grade in grades}


def link(folder, student):
    file = submission(folder, student)
    file.parent.mkdir(parents=True)
    return file


@pytest.mark.parametrize("attack", [*CHANGES, "files"])
def test_wrong_answer_earns_nothing_whatever_its_notebook_claims(graded, attack):
    _, grades = graded
    assert grades[attack].points == 0 and grades[attack].out_of == FULL


@pytest.mark.parametrize("attack", BREAK)
def test_notebook_that_breaks_its_process_is_told(graded, attack):
    _, grades = graded
    assert grades[attack].points is None
    assert re.match("double: (its process has ended|its process answers|a cell ran too long)", grades[attack].note)


def test_others_are_graded_whatever_a_notebook_breaks(graded):
    folder, grades = graded
    assert [grades[student].points for student in ("honest", "zoe")] == [FULL, FULL]
    with (folder / "grades.csv").open() as file:
        assert len(list(csv.reader(file))) == 1 + len(grades)


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("a link", "doubling.ipynb is a link; put a file in its place"),
        ("linked folder", "linked folder is a link; put a folder in its place"),
        ("linked", "doubling is a link; put a folder in its place"),
        ("a hard link", "doubling.ipynb has another name elsewhere"),
        ("a pipe", "doubling.ipynb: expected a regular file"),
        ("a folder", "doubling.ipynb: expected a regular file"),
        ("too large", "doubling.ipynb has 12 MB; expected at most 10"),
        ("deep", "it is no notebook: "),
        ("no cells", "it is no notebook: "),
    ],
)
def test_only_a_regular_notebook_of_bounded_size_is_read(graded, student, note):
    folder, grades = graded
    assert grades[student].points is None and grades[student].note.startswith(note)
    assert page(folder, student) == ""


@pytest.mark.parametrize("name", BAD_NAMES)
def test_folder_of_a_name_that_nbgrader_takes_for_a_pattern_is_told(graded, name):
    _, grades = graded
    (grade,) = [grade for student, grade in grades.items() if student == printable(name)]
    assert grade.points is None and grade.note.endswith("rename it")


def test_names_that_a_spreadsheet_would_run_are_quoted_and_read_back_as_they_were(graded):
    folder, grades = graded
    with (folder / "grades.csv").open() as file:
        names = [row[0] for row in csv.reader(file)]
    assert not [name for name in names if name.lstrip().startswith(("=", "+", "-", "@"))]
    assert {student for student, _ in given_before(folder / "grades.csv")} == grades.keys()


@pytest.mark.parametrize("text", [*FORMULAS, "\t=x", "＝x", "'t Hooft", "O'Brien", "ada", "", "''=x", "'"])
def test_quoted_text_is_no_formula_and_comes_back(text):
    assert without_quote(quoted(text)) == text
    assert not re.match(r"\s*[=+\-@＝]", quoted(text))


def risks(html):
    soup = BeautifulSoup(html, "html.parser")
    yield from (str(element) for element in soup(["iframe", "object", "embed", "form", "base", "input", "svg"]))
    for element in soup(True):
        yield from (f"{element.name} {name}" for name in element.attrs if name.startswith("on"))
        for name in ("href", "src"):
            address = str(element.get(name, "")).strip().lower()
            if not address.startswith(("https://", "http://", "#", "data:image/")) and address:
                yield f"{element.name} {address}"


def test_page_runs_and_fetches_nothing_of_the_students(graded):
    folder, _ = graded
    own, plain = (BeautifulSoup(page(folder, student), "html.parser") for student in ("page", "honest"))
    assert "alert(15)" in own.get_text()  # what was printed is there, as text
    for kind in ("script", "style", "link", "meta"):
        assert [str(one) for one in own(kind)] == [str(one) for one in plain(kind)]
    assert list(risks(page(folder, "page"))) == []


def test_page_keeps_text_tables_and_figures(graded):
    folder, _ = graded
    own = BeautifulSoup(page(folder, "page"), "html.parser")
    assert "cell bold" in [one.get_text() for one in own("td")] and "bold" in [one.get_text() for one in own("b")]
    assert own.find("a", href="https://example.org") and own.find("strong")
    assert "a < b" in [one.get_text() for one in own("code")]
    drawn = BeautifulSoup(page(folder, "figure"), "html.parser")
    assert any(str(one["src"]).startswith("data:image/png;base64,iVBOR") for one in drawn("img"))
    assert "0.25" in [one.get_text() for one in drawn("td")]


def test_page_is_of_bounded_size_and_says_what_was_left_out(graded):
    folder, grades = graded
    html = page(folder, "much")
    assert grades["much"].points == FULL
    # At most 2 MB of a cell, twice: what was printed, and the error's shortened text.
    assert len(html) < len(page(folder, "honest")) + 5e6 and "was left out" in html
