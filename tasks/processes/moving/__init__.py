"""Moving running instances to another version of their process: how many run on which, dry runs, a few at once, or all of them."""
