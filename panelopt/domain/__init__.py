"""The nouns of panel design: frozen objects, checked at birth."""
