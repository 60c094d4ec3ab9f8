"""Deployments, what they are bound to, and running instances, for the people who look after them."""
