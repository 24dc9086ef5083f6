"""Checks of the book's assignments, for learners, tests and grading: each looks at facts about a learner's code.

A check returns a report with points. Printed, it says which facts are true, and of the others what is the case instead.
"""

from neuronlib.common.door import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
