"""Reads authors' BPMN (the Camunda 7 dialect) and compiles it to a checked model the engine can run."""

from engine.dialect.compiler import Compilation, Known, SourceFile, compile_files
from engine.dialect.findings import Finding
from engine.dialect.model import ProcessModel

__all__ = ["Compilation", "Finding", "Known", "ProcessModel", "SourceFile", "compile_files"]
