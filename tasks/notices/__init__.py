"""Bringing notices to people outside the pages: e-mail today, whatever speaks `tasks.notices.channels` tomorrow."""
