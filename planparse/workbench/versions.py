"""Sets of rules as the workbench needs them: with the place of every rule, from one folder or two."""

from __future__ import annotations

from pathlib import Path

from planparse.errors import RulesError
from planparse.packs import parts_in, read_packs
from planparse.rules import Rules, fingerprint, folder, merged

# A folder with these rules is a whole set: the engine asks for them by id.
_WHOLE = {"level.bare", "share.of"}


def located(extra: Path | None = None) -> Rules:
    """The shipped rules, read from their packs so that each knows its place, with those of `extra` added.

    Raises RulesError when a pack is broken or `extra` holds none.
    """
    shipped = Rules(list(read_packs(folder())), fingerprint(folder()))
    return shipped if extra is None else _added(shipped, extra)


def version(where: Path) -> Rules:
    """The rules of a folder: a whole set by themselves, anything else added to the shipped ones. Raises RulesError."""
    own = list(read_packs(where, parts_in(folder())))
    if {rule.id for rule in own} >= _WHOLE:
        return Rules(list(read_packs(where)), fingerprint(where))
    return located(where)


def _added(shipped: Rules, extra: Path) -> Rules:
    own = list(read_packs(extra, parts_in(folder())))
    if not own:
        raise RulesError(str(extra), "holds no rule pack (*.yaml)")
    return merged(shipped, own, extra)
