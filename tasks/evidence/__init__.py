"""The papers of a case: attachments, where their bytes lie, and what is checked before they are kept."""
