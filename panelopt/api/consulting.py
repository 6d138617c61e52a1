"""Consult beside somebody: score panel after panel and rank what could stand in a slot, each in a moment."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.answers.consultation import Choice as Choice
    from panelopt.answers.consultation import Consultation as Consultation
    from panelopt.answers.slot_menu import EXACT as EXACT
    from panelopt.domain.panel_records import Reagent as Reagent
    from panelopt.io.panel_csv import PanelRow as PanelRow

__getattr__, __all__ = lazily(__name__)
