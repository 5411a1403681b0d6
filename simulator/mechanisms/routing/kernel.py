"""Which target and region serve an attempt: one function per strategy, and the dispatch at the foot."""

import math

import numpy as np

from simulator.mechanisms.providers.kernel import has_quota, is_limited, refill
from simulator.mechanisms.routing.codes import Strategy
from simulator.numerics.draws import derive, uniform
from simulator.numerics.jit import jit

NONE = -1
