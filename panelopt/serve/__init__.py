"""The page of `panelopt serve`: one consultation per tab, on this machine; calls the facade and nothing below it."""
