"""Errors that are no mistake in the program; each message is one line that says what to do."""


class NeuronlibError(RuntimeError):
    """What can go wrong without a mistake in the program; the message is one line that says what to do.

    Example:
        >>> issubclass(NeuronlibError, RuntimeError)
        True
    """
