"""What a diagram reads and writes: expressions, forms, variables, and mistakes in what is compared."""
