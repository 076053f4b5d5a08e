"""Calls for worker processes, which import this module as the tests do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from planparse.errors import NoPlanError


@dataclass(frozen=True)
class Argument:
    """An argument of a call."""

    name: str
    value: Any = None


def echo(argument: Argument) -> Any:
    """The value, after the library has printed something."""
    print("noise")
    os.write(1, b"more noise")
    return argument.value


def late(argument: Argument) -> Any:
    """The value, after so many seconds."""
    time.sleep(argument.value)
    return argument.value


def process(argument: Argument) -> int:
    """The id of the worker process."""
    return os.getpid()


def die(argument: Argument) -> None:
    """End the process by a signal, or with an exit status."""
    if isinstance(argument.value, signal.Signals):
        os.kill(os.getpid(), argument.value)
    os._exit(argument.value)


def hang(argument: Argument) -> None:
    """Never return, nor let other threads of the process go on for long."""
    while True:
        pass


def hang_in_a_program(argument: Argument) -> None:
    """Wait for a program that has written its id into the file `value`."""
    code = f"import os, time; open({argument.value!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    subprocess.run([sys.executable, "-c", code], check=True)


def refuse(argument: Argument) -> None:
    """Raise an error of the package."""
    raise NoPlanError(argument.name, "holds no plan")


def fail(argument: Argument) -> None:
    """Raise what is a defect."""
    raise KeyError(argument.name)
