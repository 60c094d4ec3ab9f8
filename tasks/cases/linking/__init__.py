"""A case beside other cases: finding earlier ones, links, merging, masters with their children, and what earlier ones prove."""
