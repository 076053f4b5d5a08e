"""The worker process: calls that come in on standard input, their results out on standard output, both pickled.

It ends when its parent is gone: standard input is read by a thread of its own, which also sees that while a call runs
that never returns. A parent that is killed therefore leaves no process behind.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import queue
import signal
import sys
import threading
from typing import Any, BinaryIO, NoReturn

from planparse.errors import InternalError, PlanparseError

READY = "ready"
"""What a worker says first, when everything it needs could be imported."""

# Linux: how much rather this process is ended than others when memory runs out (-1000 to 1000). The parent, which
# holds the run together, must outlive its workers.
_OOM_SCORE = "500"


def _receive(source: BinaryIO, calls: queue.SimpleQueue[Any]) -> None:
    while True:
        try:
            calls.put(pickle.load(source))
        except (EOFError, pickle.UnpicklingError, OSError):
            _end()


def _answer(call: tuple[Any, Any]) -> Any:
    function, argument = call
    try:
        return function(argument)
    except PlanparseError as error:
        return error
    except Exception as error:  # the parent must hear of it, whatever it is; it reports or records it
        return InternalError(argument.name, f"{type(error).__name__}: {error}")


def main() -> None:
    """Answer calls until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its workers
    with open(os.dup(sys.stdout.fileno()), "wb") as answers, open(os.devnull, "wb") as nowhere:
        # What a library prints belongs neither into the answers nor between the lines of the parent.
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
        importlib.import_module("planparse.batch.worker")  # loads the engine, so that no call pays for it
        gc.freeze()  # what is loaded by now stays; looking through it again and again costs 4 % of the time
        _prefer_as_victim()
        pickle.dump(READY, answers)
        answers.flush()
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
        calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_receive, args=(sys.stdin.buffer, calls), daemon=True).start()
        while True:
            try:
                pickle.dump(_answer(calls.get()), answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
            except BrokenPipeError:
                _end()


def _end() -> NoReturn:
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with the programs that a reader has started
    os._exit(0)


def _prefer_as_victim() -> None:
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(_OOM_SCORE)
    except OSError:
        return  # not Linux, or not allowed: only a preference
