"""Gives each test process a data folder of its own, before Django's settings are read.

Loaded as a pytest plugin (pyproject.toml): pytest-django reads the settings before any conftest.
"""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

# A developer's own Slipway, or a production one, is none of the tests' business.
for _name in (
    "SLIPWAY_ADMIN",
    "SLIPWAY_ALLOWED_HOSTS",
    "SLIPWAY_DEBUG",
    "SLIPWAY_ENGINE_DATABASE_URL",
    "SLIPWAY_HTTPS",
    "SLIPWAY_TOKEN",
    "SLIPWAY_URL",
):
    os.environ.pop(_name, None)

# One for all processes of a run: what begins first makes it, the others are started by it.
if "SLIPWAY_TEST_FIRST_START" not in os.environ:
    _shared = tempfile.mkdtemp(prefix="slipway-first-start-")
    os.environ["SLIPWAY_TEST_FIRST_START"] = _shared
    atexit.register(shutil.rmtree, _shared, ignore_errors=True)

_folder = tempfile.mkdtemp(prefix="slipway-tests-")
os.environ["SLIPWAY_DATA"] = _folder
os.environ["XDG_CONFIG_HOME"] = f"{_folder}/config"  # where the CLI keeps its logins
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
# As every start of ours makes it; what a test keeps is encrypted with it.
(Path(_folder) / "keys").write_bytes(Fernet.generate_key() + b"\n")

# What is collected lives as long as we do: looking through it again and again for what is not is a
# third of a collection, which each process of a run makes.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
