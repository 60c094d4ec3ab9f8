"""What people tell each other about a case: comments and notices."""
