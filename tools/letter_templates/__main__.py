"""Builds every shipped template into `portal/letters/templates/`, or into the folder that is named."""

import sys
from pathlib import Path

from portal.letters.drawing import SHIPPED
from tools.letter_templates.build import build


def main(arguments: list[str]) -> None:
    """Writes the templates and prints the path of each."""
    folder = Path(arguments[0]) if arguments else SHIPPED
    for path in build(folder):
        print(path)


main(sys.argv[1:])
