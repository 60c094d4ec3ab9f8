"""Readability: how a diagram is drawn. Reads the picture (BPMN DI), which nothing else of the check looks at."""
