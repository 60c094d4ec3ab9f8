"""Decision files → checked, compiled models: everything wrong is found at once."""
