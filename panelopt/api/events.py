"""Problems from labelled events."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.drafts.from_events import ProblemFromEvents as ProblemFromEvents
    from panelopt.drafts.from_events import problem_from_events as problem_from_events
    from panelopt.events.request import EventsRequest as EventsRequest
    from panelopt.report.events_text import events_text as events_text

__getattr__, __all__ = lazily(__name__)
