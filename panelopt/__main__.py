"""Run ``python -m panelopt``."""

from panelopt.cli import main

if __name__ == "__main__":
    main(prog_name="panelopt")
