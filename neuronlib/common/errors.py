"""Errors that are not bugs; each message is one line that says what to do."""


class NeuronlibError(RuntimeError):
    """Error that is not a bug; its message is one line that says what to do.

    Attributes:
        exit_code: How a command ends that fails so.
    """

    exit_code = 1
