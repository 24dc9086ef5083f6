"""For each of the paper's claims, the function that answers it from results.

Differences are put so that positive values support the claim. Where a claim names no number of ablated neurons, the
mean over the curve but for its ends is taken; where it names several layers or measures, each is a test of its own.
"""

from neuronlib._asking import Question
from neuronlib._questions_cifar import FOUR_LAYERS
from neuronlib._questions_distributions import DISTRIBUTIONS
from neuronlib._questions_fashion import FASHION_AND_CONCLUSION
from neuronlib._questions_mnist import MNIST_LAYERS
from neuronlib._questions_whole import WHOLE_NETWORKS

_ALL = DISTRIBUTIONS | WHOLE_NETWORKS | MNIST_LAYERS | FASHION_AND_CONCLUSION | FOUR_LAYERS

QUESTIONS: dict[str, dict[str, Question]] = {
    claim: _ALL[claim] for claim in sorted(_ALL, key=lambda claim: ("NKQ".index(claim[0]), int(claim[1:])))
}
"""The function that answers a claim, by claim and by reading of it. A claim that is clear has one reading, ""."""
