"""`tocsin`, and `python -m tocsin`: whoever changes their mind while all is being loaded is not shown how."""

import sys

try:
    from tocsin.app.cli import main
except KeyboardInterrupt:
    sys.exit(130)

if __name__ == "__main__":
    main()
