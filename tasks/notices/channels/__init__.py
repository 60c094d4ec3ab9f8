"""The ways out: the protocol an adapter speaks, and the adapters that come with the product. docs/notices.md"""
