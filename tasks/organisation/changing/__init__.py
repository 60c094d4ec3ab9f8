"""Changing the organisation, whole or not at all: from the stored chart to the wished one, checked, compared, written."""
