"""Finding cases by any part of what was written in them: Chinese has no spaces, so pairs of characters are the index."""
