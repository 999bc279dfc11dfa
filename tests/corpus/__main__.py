"""`python -m tests.corpus [FILE…]`: record the packages again, where their programs are."""

import subprocess
import sys

from tests.corpus.cases import read_cases
from tests.corpus.recording import can_make, record

for case in read_cases().values():
    if len(sys.argv) == 1 or case.filename in sys.argv:
        if not can_make(case):
            print(f"{case.filename}: not all of {' '.join(case.programs)} are here")
            continue
        try:
            record(case)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(f"{case.filename}: {str(error)[-80:]}")
