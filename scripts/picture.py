#!/usr/bin/env python3
"""Draw docs/demo.svg, the README's picture, from the first lines of a real run of the demo."""

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

LINES = 34
WIDTH = 112
STYLES = {"SMS to": "", "replies": "green", "is going": "green", "did not arrive": "red"}


def main() -> None:
    """Run the demo and keep its first lines as a drawing without any address in it."""
    run = [sys.executable, "-m", "telecared", "demo", "--seconds", "6", "--speed", "600"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    lines = done.stdout.splitlines()
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text("$ make demo ARGS='--speed 600'", style="bold"))
    story = [line for line in lines if re.match(r"\d\d:\d\d ", line)]
    for line in story[:LINES]:
        style = next((look for word, look in STYLES.items() if word in line), "yellow")
        console.print(Text(line, style=style), soft_wrap=False, overflow="ellipsis", no_wrap=True)
    svg = console.export_svg(title="telecared demo")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r" *<!--.*?-->\n", "", svg)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono")
    Path("docs/demo.svg").write_text(re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE))


if __name__ == "__main__":
    main()
