"""What checks the types of arguments and results while tests run."""

from beartype import BeartypeConf, beartype

# A whole number will do for a real one, as everywhere in Python.
checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
