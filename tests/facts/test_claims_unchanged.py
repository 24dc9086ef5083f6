"""The answers to the paper's claims, from the committed results, are those of the stored copy to the last digit.

Where results or rules are changed on purpose: neuronlib claims --json > tests/facts/claims.json
"""

import json
from pathlib import Path

from neuronlib.reproduction.claims.claims import answers, as_json
from neuronlib.reproduction.compute.sources import StoredResults

ROOT = Path(__file__).parents[2]


def test_answers_to_all_claims_are_those_of_the_stored_copy():
    expected = (ROOT / "tests" / "facts" / "claims.json").read_text(encoding="utf-8").splitlines()
    answered = [json.dumps(as_json(*one), ensure_ascii=False) for one in answers(StoredResults(ROOT / "results"))]
    for ours, stored in zip(answered, expected, strict=True):
        assert ours == stored
