"""What happens on the sorter: order of gates, coincidence, pre-enrichment, one step or two; numpy only."""
