"""Reads one part of an author's file each: texts, events, activities, bodies, forms."""
