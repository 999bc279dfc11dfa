"""`python -m slipway_cli`: the command line without the console command."""

import sys

from slipway_cli.main import main

if __name__ == "__main__":
    sys.exit(main())
