"""`python -m tests.simulation.real FIRST COUNT`: how plain stories end on the real level."""

import sys
from importlib import import_module

import_module("tests.simulation.real.database").make_database()
import_module("tests.simulation.real.plain").main(sys.argv[1:])
