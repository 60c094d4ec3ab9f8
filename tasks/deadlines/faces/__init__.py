"""What people are shown of clocks: how one stands at a moment, and the clocks of a page read at once."""
