"""The organisation as tables for people: CSV and XLSX out and in, with a dry run that says what would change."""
