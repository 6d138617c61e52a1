"""Upper bounds on what gates may claim, valid for every panel that contains certain slots."""
