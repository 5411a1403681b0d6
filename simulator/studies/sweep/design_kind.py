"""The names of designs, apart from how they are made: the command line knows them without slow imports."""

from enum import StrEnum


class DesignKind(StrEnum):
    """How the points of a sweep are chosen."""

    GRID = "grid"
    LIST = "list"
    LHS = "lhs"
    SOBOL = "sobol"
    SALTELLI = "saltelli"
    OAT = "oat"
