"""What a page shows to people, read for stored codes: snake_case words where nobody asked for a code."""

from __future__ import annotations

import re

from lxml import html

CODE = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b(?!\.[a-z])")
"""A code, and no name of a file: `upgrade_centre`."""
MEANT = ".//*[contains(concat(' ', @class, ' '), ' code ')] | .//script | .//style | .//textarea"
"""Where a code or its source is what the page is about."""


def raw_codes(page: str) -> list[str]:
    """The codes in the text of a page's main part, each once."""
    main = html.fromstring(page).find(".//main")
    assert main is not None, page[:300]
    for element in main.xpath(MEANT):
        element.drop_tree()
    return sorted(set(CODE.findall(main.text_content())))
