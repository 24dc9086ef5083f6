"""What tests of tables share."""


def rows(table):
    """The lines of a Markdown table below its header."""
    return [line for line in table.data.splitlines() if line.startswith("|")][2:]
