"""The rulebook beside the system: which clause is done by which element, and the papers the sources cite and nobody has."""
