"""Instances as plain records and back, bit for bit; their hash; and how two instances differ."""

from __future__ import annotations

import hashlib
import math
from dataclasses import fields
from typing import Any

import numpy as np

from panelopt.domain.instance_numbers import DeliveryNumbers, InstanceNumbers
from panelopt.instance.arrays import Instance, Lock
from panelopt.instance.delivery import Delivery

SAME = 1e-9
"""Relative difference within which computed numbers are equal: processors and libraries round differently."""

_PLAIN = {"locks", "delivery", "reference", "apart"}
_LIGHT = {"signal", "autofluorescence"}
_DTYPES = {"FloatArray": np.float64, "BoolArray": np.bool_, "npt.NDArray[np.int64]": np.int64}
_ARRAYS = {field.name: dtype for field in fields(Instance) if (dtype := _DTYPES.get(str(field.type).split(" | ")[0]))}
"""Fields that hold arrays, with their element types."""


def numbers_of(instance: Instance) -> InstanceNumbers:
    """Return the record of an instance."""
    data: dict[str, Any] = {
        field.name: _plain(getattr(instance, field.name)) for field in fields(instance) if field.name not in _PLAIN
    }
    data["locks"] = [{"marker": k.marker, "dye": k.dye, "detector": k.detector} for k in instance.locks]
    data["reference"] = sorted(instance.reference)
    data["apart"] = [
        [{"markers": list(markers), "dye": dye} for markers, dye in sorted(panel)] for panel in instance.apart
    ]
    data["delivery"] = None if instance.delivery is None else _delivery_numbers(instance.delivery)
    return InstanceNumbers.model_validate(data)


def instance_of(numbers: InstanceNumbers) -> Instance:
    """Return the instance of a record."""
    data: dict[str, Any] = {name: getattr(numbers, name) for name in InstanceNumbers.model_fields if name not in _PLAIN}
    for name, dtype in _ARRAYS.items():  # an unknown number, None, becomes NaN
        if data[name] is not None or dtype is np.float64:
            data[name] = np.array(data[name], dtype=dtype)
    shape = len(numbers.marker), len(numbers.dye)
    for name in ("available", "price", "product_rank", "sourced", "owned"):
        data[name] = None if data[name] is None else data[name].reshape(shape)
    for name in ("signal", "allowed"):
        data[name] = data[name].reshape(len(numbers.detector), len(numbers.dye))
    return Instance(
        **data,
        locks=tuple(Lock(lock.marker, lock.dye, lock.detector) for lock in numbers.locks),
        delivery=None if numbers.delivery is None else _delivery(numbers.delivery),
        reference=frozenset(numbers.reference),
        apart=tuple(frozenset((stain.markers, stain.dye) for stain in panel) for panel in numbers.apart),
    )


def instance_sha256(numbers: InstanceNumbers) -> str:
    """Return the hash of all numbers and names, in the order of the fields."""
    return hashlib.sha256(numbers.model_dump_json().encode()).hexdigest()


def differing(one: InstanceNumbers, other: InstanceNumbers) -> tuple[str, ...]:
    """Return the fields in which two instances differ by more than rounding.

    Numbers may differ by a relative :data:`SAME`; light of dyes and cells by that share of what the strongest detector
    receives. Names, flags and integers must be equal.
    """
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in InstanceNumbers.model_fields)
    return tuple(name for name, a, b in pairs if a != b and not (_light if name in _LIGHT else _close)(a, b))


def _close(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=SAME)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_close, a, b))
    if isinstance(a, DeliveryNumbers) and isinstance(b, DeliveryNumbers):
        return all(_close(getattr(a, name), getattr(b, name)) for name in DeliveryNumbers.model_fields)
    return bool(a == b)


def _light(a: Any, b: Any) -> bool:
    x, y = np.array(a, dtype=float), np.array(b, dtype=float)
    if x.shape != y.shape:
        return False
    return bool((np.abs(x - y) <= SAME * np.maximum(x, y).max(axis=0, initial=0.0)).all())


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        plain = value.astype(object)
        plain[~np.isfinite(value)] = None
        return plain.tolist()
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _delivery_numbers(delivery: Delivery) -> DeliveryNumbers:
    return DeliveryNumbers(
        vendor=delivery.vendor, shipping=tuple(delivery.shipping.tolist()), price=_plain(delivery.price)
    )


def _delivery(numbers: DeliveryNumbers) -> Delivery:
    price = np.array(numbers.price, dtype=float)
    return Delivery(numbers.vendor, np.array(numbers.shipping, dtype=float), np.where(np.isnan(price), np.inf, price))
