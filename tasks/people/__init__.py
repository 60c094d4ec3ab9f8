"""Who calls: people and systems, their passwords, tokens, signing keys and browser sessions."""
