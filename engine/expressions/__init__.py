"""The only place that evaluates anything a diagram, a form or a decision table says: `feel`, and `dmn` on it."""
