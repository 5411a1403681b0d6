"""How property tests run here: the same examples each time, and with all the time that compiling a kernel takes."""

from hypothesis import settings

settings.register_profile("unit", deadline=None, derandomize=True)
settings.load_profile("unit")
