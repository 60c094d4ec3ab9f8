"""FEEL, the expression language of DMN 1.5: text → tree → closures. Sees plain data and nothing else."""
