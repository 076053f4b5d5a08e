"""Dataclasses of the engine that cost nothing at start.

The standard library's module imports `inspect` with the parser of Python and compiles three methods per class: some
15 ms of every start. These have slots, defaults and `replace`, and no more; type checkers see the standard ones.
"""

from __future__ import annotations

# Type checkers take this name for typing.TYPE_CHECKING; importing typing costs 3 ms itself.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:

    class _Factory:
        def __init__(self, make):
            self.make = make

    def field(*, default_factory):
        return _Factory(default_factory)

    def _shown(self):
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({values})"

    def _same(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def _hash(self):
        return hash(tuple(getattr(self, name) for name in self.__slots__))

    def dataclass(*, slots, eq=True, frozen=False):
        assert slots, "every record of the engine has slots"

        def wrap(cls):
            names = tuple(cls.__annotations__)
            body = {key: value for key, value in vars(cls).items() if key not in ("__dict__", "__weakref__")}
            defaults = {name: body.pop(name) for name in names if name in body}
            scope = {f"_{name}": value for name, value in defaults.items()}
            params, lines = [], []
            for name in names:
                made = isinstance(defaults.get(name), _Factory)
                if made:
                    scope[f"_{name}"] = defaults[name].make
                params.append(f"{name}={'None' if made else f'_{name}'}" if name in defaults else name)
                lines.append(f" self.{name} = {f'_{name}() if {name} is None else {name}' if made else name}")
            exec(f"def __init__(self, {', '.join(params)}):\n" + "\n".join(lines), scope)
            body |= {"__slots__": names, "__init__": scope["__init__"], "__repr__": _shown}
            if eq:
                body |= {"__eq__": _same, "__hash__": _hash if frozen else None}
            return type(cls)(cls.__name__, cls.__bases__, body)

        return wrap

    def replace(record, **changes):
        """A copy with some fields changed."""
        return type(record)(**{name: getattr(record, name) for name in record.__slots__} | changes)


__all__ = ["dataclass", "field", "replace"]
