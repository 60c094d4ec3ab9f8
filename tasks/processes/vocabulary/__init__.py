"""What a diagram may say here, as data for editors: each thing from the one place that knows it."""
