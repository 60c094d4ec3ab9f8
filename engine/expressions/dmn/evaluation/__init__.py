"""What a compiled model decides: tables with their hit policies, graphs, and why."""
