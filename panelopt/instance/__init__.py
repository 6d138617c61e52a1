"""The question as arrays, compiled from problem, catalogs, dyes and cytometer."""

from panelopt.instance.arrays import DUMP_EXPRESSION_ABC, Instance, Lock, Role, SlotIndex, View

__all__ = ["DUMP_EXPRESSION_ABC", "Instance", "Lock", "Role", "SlotIndex", "View"]
