"""How a letter becomes a PDF: the characters the fonts have, and the setting of a page. Knows no case and no template."""
