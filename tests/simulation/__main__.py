"""`bin/simulate`: histories of rollouts, judged. A mutant is planted before the brain is read."""

import importlib
import sys

from tests.simulation.planting import plant_what_is_asked_for

plant_what_is_asked_for(sys.argv[1:])
sys.exit(importlib.import_module("tests.simulation.command").main(sys.argv[1:]))
