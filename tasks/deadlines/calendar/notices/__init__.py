"""A published notice becomes the calendar: read, checked whole, shown as a difference, confirmed."""
