"""The command line: its entry, what it tells of faults, and its exit codes.

A fault that the user can mend is one sentence on stderr and exit code 2; nothing half-written is left.
"""

__all__ = ["main"]

import argparse
import logging
import sys
from collections.abc import Sequence

from rich.console import Console

from layers.compilation import keep_compiled
from layers.errors import ZiboGeoError
from zibo_geo.command_parser import make_parser

_PLAIN_WIDTH = 140


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 for a fault that the user can mend."""
    options = make_parser().parse_args(arguments)
    keep_compiled()
    console = Console(stderr=True, width=None if sys.stderr.isatty() else _PLAIN_WIDTH)
    _set_up_logging(options)
    try:
        return int(options.run(options, console))
    except ZiboGeoError as error:
        sys.stderr.write(f"zibo-geo: {error}\n")
        return 2
    except MemoryError:
        sys.stderr.write(
            "zibo-geo: this needs more memory than there is; cut the files to the study area first.\n"
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("zibo-geo: stopped; files already moved into place are whole.\n")
        return 130


def _set_up_logging(options: argparse.Namespace) -> None:
    level = logging.ERROR if options.quiet else logging.INFO if options.verbose else logging.WARNING
    logging.basicConfig(
        level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )


if __name__ == "__main__":
    sys.exit(main())
