"""How notebooks are made from their sources: read, run, tidied, compared, kept from harm."""


class BuildError(Exception):
    """Something an author has to mend; its text says what and where."""
