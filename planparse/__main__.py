"""Entry point of the command line: what must work before, and around, the commands themselves."""

from __future__ import annotations

import sys

# Type checkers take this name for typing.TYPE_CHECKING; importing typing would double the cost of `--version`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells report it: 128 + SIGINT."""


def _interrupt(signum: int, frame: FrameType | None) -> None:
    # SystemExit ends the run without a traceback and still lets half-written files be removed.
    raise SystemExit(INTERRUPTED)


def main() -> None:
    """Run the `planparse` command; ends the process with its exit status."""
    if sys.argv[1:] == ["--version"]:
        # Asked by scripts and editors: answered before the command-line library is imported, which triples the cost.
        from planparse._version import __version__

        sys.stdout.write(f"planparse {__version__}\n")
        return
    import gc
    import signal

    signal.signal(signal.SIGINT, _interrupt)
    # Reading a plan makes many objects and hardly a cycle: the collector's default pace costs a tenth of the time.
    gc.set_threshold(100_000, 20, 20)
    command, *files = sys.argv[1:] or [""]
    if command == "extract" and files and not any(file.startswith("-") for file in files):
        # The plain call needs no options parsed; the command-line library would take a sixth of its time.
        from planparse import output
        from planparse.run import Failures, load_rules, plans_in

        failures = Failures()
        output.emit(output.FORMATS["json"](plans_in(files, load_rules(None), failures)))
        failures.exit()
    from planparse.cli import cli

    cli.main(prog_name="planparse")


if __name__ == "__main__":
    main()
