"""What one node does: activities, events, loops, people, machines, listeners, mappings and scripts."""
