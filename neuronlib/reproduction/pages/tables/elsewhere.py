"""What the chapter on other widths, regularizers, optimizers and architectures says: its tables and sentences."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from IPython.display import Markdown

from neuronlib.ablation.significance import student_interval
from neuronlib.reproduction.analysis.classifier_study import DATASET_NAMES
from neuronlib.reproduction.analysis.effects import whole_accuracy
from neuronlib.reproduction.analysis.elsewhere import EFFECTS, effect_tests
from neuronlib.reproduction.claims.elsewhere import ASKED_AGAIN, asked_again
from neuronlib.reproduction.claims.verdicts import SIGNIFICANT, Answer
from neuronlib.reproduction.design.studies import ELSEWHERE
from neuronlib.reproduction.pages.tables.claims import FOUND, MARKS
from neuronlib.reproduction.pages.tables.numbers import signed
from neuronlib.reproduction.pages.tables.tables import markdown, table

Studies = Mapping[str, xr.DataTree]
"""What `elsewhere_studies` returns, by title."""


def trained_elsewhere_table(studies: Studies) -> Markdown:
    """Tabulate how well the networks classify, and after how many epochs: mean over networks, smallest and largest."""
    rows = []
    for name, results in studies.items():
        history = results["history"].to_dataset() if "history" in results.children else xr.Dataset()
        training = 100 * history.training_accuracy.values if "training_accuracy" in history else np.array([])
        loss = f"{float(history.training_loss.isel(epoch=-1).mean()):.3f}" if "training_loss" in history else "–"
        test = whole_accuracy(results)
        rows.append([name, len(test), _epochs(results, history), _range(training), loss, _range(test)])
    header = ["networks", "number", "epochs", "training accuracy (%)", "training loss (nats)", "test accuracy (%)"]
    return table(header, rows)


def _epochs(results: xr.DataTree, history: xr.Dataset) -> str:
    if "epoch" not in history.coords:
        return "–"
    if results.attrs["variant"] != "stopping":
        return str(history.sizes["epoch"])
    # Until there is a better epoch, the history repeats the best.
    best = history.validation_accuracy.argmax("epoch").values + 1
    return f"best: {best.mean():.1f} ({best.min()} to {best.max()})"


def _range(percent: np.ndarray) -> str:
    return f"{percent.mean():.1f} ({percent.min():.1f} to {percent.max():.1f})" if percent.size else "–"


def claims_elsewhere_table(studies: Studies, images: str = "MNIST") -> Markdown:
    """Tabulate four claims asked of all networks of some images, or of all others if the images begin with "not ".

    Each entry has two signs, for what the paper means and for what is established, and the number of the test that
    supports the claim least, with its interval.

    Args:
        studies: What `elsewhere_studies` returns.
        images: Such as "MNIST", or "not MNIST".

    Returns:
        The table, for the end of a cell.
    """
    chosen = {
        name: results
        for name, results in studies.items()
        if (results.attrs["images"] == images.removeprefix("not ")) != images.startswith("not ")
    }
    rows = [[name, *map(_entry, asked_again(results, name).values())] for name, results in chosen.items()]
    return table(["networks", *(f"{claim}: {text}" for claim, text in ASKED_AGAIN.items())], rows)


def _entry(answer: Answer) -> str:
    marks = f"{MARKS[answer.verdict]} {FOUND[answer.finding]}"
    return f"{marks} {signed(answer.ours)} [{signed(answer.low)}, {signed(answer.high)}]"


def elsewhere_summary(studies: Studies) -> str:
    """Say how many kinds of networks show each effect, before and after Holm's correction, and how claims fared."""
    tests = effect_tests(studies)
    lines = []
    for effect in EFFECTS:
        of_effect = tests.sel(effect=effect)
        counts = []
        for p in (of_effect.p, of_effect.adjusted):
            better, worse = (int(((p < SIGNIFICANT) & (side * of_effect["mean"] > 0)).sum()) for side in (1, -1))
            counts.append(f"better in {better} and worse in {worse}")
        lines.append(
            f"- **{effect.capitalize()}:** removing the lowest mutual information first is, of {len(studies)} kinds of "
            f"networks, {counts[0]} (p < 0.05, Student's test); after Holm's correction for all {tests.p.size} tests, "
            f"{counts[1]}."
        )
    answers = [asked_again(results, name) for name, results in studies.items()]
    for claim in ASKED_AGAIN:
        verdicts = [one[claim].verdict for one in answers]
        findings = [one[claim].finding for one in answers]
        lines.append(
            f"- **{claim}:** reproduced as the paper means it in {verdicts.count('reproduced')} of {len(answers)} "
            f"kinds; established in {findings.count('established')}, refuted in {findings.count('refuted')}."
        )
    return "\n".join(lines)


def underfitting_summary(studies: Studies) -> str:
    """Say whether the narrow networks underfit: accuracy on training and test samples, beside that of 100-100."""
    lines = []
    for name, results in studies.items():
        if results.attrs["variant"] != "narrow":
            continue
        training, test = 100 * results["history"].training_accuracy.values, whole_accuracy(results)
        same = [
            one
            for one in studies.values()
            if all(one.attrs[key] == results.attrs[key] for key in ("images", "activation"))
            and one.attrs["variant"] == "l2"
        ]
        both = f"{_with_student(training)} of the training samples, {_with_student(test)} of the test samples"
        parts = [f"{both}, n = {len(test)}"]
        if same:
            usual = whole_accuracy(same[0])
            parts.append(f"networks 100-100 with L2: {_with_student(usual)} of the test samples, n = {len(usual)}")
        lines.append(f"- {name}: {'; '.join(parts)}.")
    return "\n".join(lines) or "- No narrow networks have been computed yet."


def _with_student(percent: np.ndarray) -> str:
    low, high = student_interval(percent)
    return f"{percent.mean():.1f} % [{low:.1f}, {high:.1f}]"


def missing_elsewhere(studies: Studies) -> Markdown:
    """Say which studies have not been computed yet; nothing if none is missing."""
    variants = {(one.attrs["variant"], one.attrs["activation"], one.attrs["images"]) for one in studies.values()}
    missing = [
        name
        for name, one in ELSEWHERE.items()
        if (name.rpartition("-")[2], one.setting.activation, DATASET_NAMES[one.setting.dataset]) not in variants
    ]
    if not missing:
        return markdown("")
    return markdown(f"Not on this page, as they have not been computed: {', '.join(f'`{name}`' for name in missing)}.")
