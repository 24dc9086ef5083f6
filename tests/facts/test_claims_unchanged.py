"""The answers to the paper's claims, from the committed results, are those of the stored copy.

Words, counts and verdicts to the letter; numbers to nine digits, and not to the last: a processor without AVX-512 gets
other last bits from numpy's powers, which moves the end of a bootstrap's interval in its thirteenth digit.

Where results or rules are changed on purpose: neuronlib claims --json > tests/facts/claims.json
"""

import json
from pathlib import Path

import pytest

from neuronlib.reproduction.claims.claims import answers, as_json
from neuronlib.reproduction.compute.sources import StoredResults

ROOT = Path(__file__).parents[2]


def test_answers_to_all_claims_are_those_of_the_stored_copy():
    expected = (ROOT / "tests" / "facts" / "claims.json").read_text(encoding="utf-8").splitlines()
    answered = [as_json(*one) for one in answers(StoredResults(ROOT / "results"))]
    for ours, line in zip(answered, expected, strict=True):
        stored = json.loads(line)
        numbers = {name: value for name, value in stored.items() if isinstance(value, float)}
        assert ours | numbers == stored
        assert {name: ours[name] for name in numbers} == pytest.approx(numbers, rel=1e-9, abs=1e-12)
