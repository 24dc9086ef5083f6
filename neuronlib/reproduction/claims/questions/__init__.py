"""For each of the paper's claims, the function that answers it from results.

Differences are put so that positive values support the claim. Where a claim names no number of ablated neurons, the
mean over the curve but for its ends is taken; where it names several layers or measures, each is a test of its own.
"""

from neuronlib.reproduction.claims.questions.builders import Question
from neuronlib.reproduction.claims.questions.fig1 import DISTRIBUTIONS
from neuronlib.reproduction.claims.questions.fig2 import WHOLE_NETWORKS
from neuronlib.reproduction.claims.questions.fig3 import MNIST_LAYERS
from neuronlib.reproduction.claims.questions.fig4 import FASHION_AND_CONCLUSION
from neuronlib.reproduction.claims.questions.fig5 import FOUR_LAYERS

_ALL = DISTRIBUTIONS | WHOLE_NETWORKS | MNIST_LAYERS | FASHION_AND_CONCLUSION | FOUR_LAYERS

QUESTIONS: dict[str, dict[str, Question]] = {
    claim: _ALL[claim] for claim in sorted(_ALL, key=lambda claim: ("NKQ".index(claim[0]), int(claim[1:])))
}
"""The function that answers a claim, by claim and by reading of it. A claim that is clear has one reading, ""."""
