"""`python -m telecared`: the same as the command `telecared`."""

import sys

from telecared.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
