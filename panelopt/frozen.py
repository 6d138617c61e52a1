"""The decorator of :mod:`dataclasses`, which makes frozen classes with slots in half the time.

The standard one compiles six methods for each class; a command loads some sixty classes before it begins. Here the
classes share the methods that compare and show their objects. What is made is a dataclass in every respect, and type
checkers see the standard decorator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses
    from operator import attrgetter
    from reprlib import recursive_repr

    def dataclass(*, eq=True, **options):
        """Return a decorator like ``dataclasses.dataclass``."""
        if options != {"frozen": True, "slots": True}:
            return dataclasses.dataclass(eq=eq, **options)

        def frozen(cls):
            own = set(vars(cls))
            if "__eq__" in own and cls.__hash__ is None:
                own.discard("__hash__")  # None, which Python put there beside __eq__
            cls.__doc__ = cls.__doc__ or cls.__name__  # else the signature is worked out for it
            made = dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)(cls)
            parameters = made.__dataclass_params__
            parameters.eq, parameters.repr = eq, True
            methods = {"__repr__": _repr}
            if eq:
                fields = dataclasses.fields(made)
                compared = _values(tuple(field.name for field in fields if field.compare))
                hashed = _values(
                    tuple(field.name for field in fields if (field.compare if field.hash is None else field.hash))
                )
                methods |= {"__eq__": _equal(compared), "__hash__": lambda self: hash(hashed(self))}
            for name in methods.keys() - own:
                setattr(made, name, methods[name])
            return made

        return frozen

    def _values(names):
        """Return what reads the fields of an object as a tuple."""
        if len(names) > 1:
            return attrgetter(*names)
        return lambda self: tuple(getattr(self, name) for name in names)

    def _equal(values):
        def equal(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        return equal

    @recursive_repr()
    def _repr(self):
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"
