"""The sort itself: order of gates, coincidence, pre-enrichment, one step or two; numpy only."""
