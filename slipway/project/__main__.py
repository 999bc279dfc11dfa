"""`python -m slipway.project web`: the server commands without the console command."""

import sys

from slipway.project.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
