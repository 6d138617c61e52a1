"""``panelopt completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

PROGRAM = "panelopt"
_VARIABLE = "_PANELOPT_COMPLETE"

_INSTALL = {
    "bash": "panelopt completion bash > ~/.local/share/bash-completion/completions/panelopt",
    "zsh": "panelopt completion zsh > ~/.zfunc/_panelopt    (a folder of fpath)",
    "fish": "panelopt completion fish > ~/.config/fish/completions/panelopt.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(sorted(_INSTALL)))
def completion(shell: str) -> None:
    """Print a completion script for bash, zsh or fish: commands, options and the names of shipped data.

    \b
    Examples:
      panelopt completion bash > ~/.local/share/bash-completion/completions/panelopt
      panelopt completion zsh > ~/.zfunc/_panelopt
      panelopt completion fish > ~/.config/fish/completions/panelopt.fish
    """
    maker = get_completion_class(shell)
    if maker is None:  # a version of click without this shell
        raise click.UsageError(f"click cannot complete in {shell}")
    root = click.get_current_context().find_root().command
    click.echo(maker(root, {}, PROGRAM, _VARIABLE).source())
