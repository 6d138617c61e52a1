"""Instances as plain records and back, bit by bit, and the hash of all their numbers."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import Any

import numpy as np

from panelopt.domain.instance_numbers import DeliveryNumbers, InstanceNumbers
from panelopt.instance.arrays import Instance, Lock
from panelopt.instance.delivery import Delivery

_PLAIN = {"locks", "delivery", "reference", "apart"}
_INTEGERS = {"product_rank"}
_FLAGS = {"available", "allowed", "required", "dump", "no_above", "viability", "sourced", "fragile", "owned"}


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
    for field in fields(Instance):
        if "FloatArray" in str(field.type):
            data[field.name] = np.array(data[field.name], dtype=float)  # None becomes NaN
    data |= {name: np.array(data[name], dtype=bool) for name in _FLAGS if data[name] is not None}
    data |= {name: np.array(data[name], dtype=np.int64) for name in _INTEGERS}
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
