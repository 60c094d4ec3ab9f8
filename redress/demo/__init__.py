"""The demonstration: files complaints and plays the staff of every tier, through the public API alone."""
