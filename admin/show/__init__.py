"""How stored things become words and bars on a page; nothing here decides or reads anything."""
