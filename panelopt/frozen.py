"""The decorator of :mod:`dataclasses`, which makes frozen classes with slots in a third of the time.

The standard one compiles six methods for each class; a command loads some sixty classes before it begins. This one
compiles ``__init__`` alone; the classes share the others. What it makes is a dataclass in every respect: ``fields``,
``replace``, ``copy`` and ``pickle`` know it, and so do type checkers, which see the standard decorator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses
    from operator import attrgetter
    from reprlib import recursive_repr

    _OPTIONS = {"frozen", "slots", "eq"}

    def dataclass(**options):
        """Return a decorator like ``dataclasses.dataclass``."""
        if not (options.get("frozen") and options.get("slots")) or options.keys() - _OPTIONS:
            return dataclasses.dataclass(**options)

        def frozen(cls):
            if any(hasattr(base, "__dataclass_fields__") for base in cls.__bases__):
                return dataclasses.dataclass(**options)(cls)
            return _frozen(cls, eq=options.get("eq", True))

        return frozen

    def _frozen(cls, *, eq):
        cls.__doc__ = cls.__doc__ or cls.__name__
        own = set(vars(cls))
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
        parameters = made.__dataclass_params__
        parameters.init = parameters.repr = parameters.frozen = True
        parameters.eq = eq
        methods = {"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting, "__repr__": _repr}
        methods |= {"__init__": _init(made), "__getstate__": _state, "__setstate__": _restore}
        if eq:
            values = _values(tuple(field.name for field in dataclasses.fields(made) if field.compare))
            methods |= {"__eq__": _eq(values), "__hash__": lambda self: hash(values(self))}
        for name, method in methods.items():
            if name not in own:
                setattr(made, name, method)
        return made

    def _init(cls):
        """Return the compiled ``__init__``."""
        missing = dataclasses.MISSING
        known = {"set_": object.__setattr__, "missing_": missing}
        parameters, body = ["self"], []
        for field in dataclasses.fields(cls):
            name = value = field.name
            if field.default_factory is not missing:
                known[f"default_{name}"] = field.default_factory
                parameters += [f"{name}=missing_"] * field.init
                value = f"default_{name}() if {name} is missing_ else {name}" if field.init else f"default_{name}()"
            elif field.default is not missing:
                known[f"default_{name}"] = field.default
                parameters += [f"{name}=default_{name}"] * field.init
                value = name if field.init else f"default_{name}"
            elif field.init:
                parameters.append(name)
            else:
                continue  # __post_init__ sets it
            body.append(f" set_(self, {name!r}, {value})")
        if hasattr(cls, "__post_init__"):
            body.append(" self.__post_init__()")
        exec(f"def __init__({', '.join(parameters)}):\n" + ("\n".join(body) or " pass"), known)  # noqa: S102
        return known["__init__"]

    def _values(names):
        """Return what reads the fields of an object as a tuple."""
        if len(names) > 1:
            return attrgetter(*names)
        return lambda self: tuple(getattr(self, name) for name in names)

    def _eq(values):
        def equal(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        return equal

    def _refuse_setting(_self, name, _value):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_deleting(_self, name):
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    @recursive_repr()
    def _repr(self):
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _state(self):
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def _restore(self, state):
        for field, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)
