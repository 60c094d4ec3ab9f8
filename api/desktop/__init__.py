"""The door for the free Camunda Modeler: what its source calls of a Camunda 7 engine, under /engine-rest, in the shapes it expects."""

from api.desktop.app import register_desktop

__all__ = ["register_desktop"]
