"""The graph of a body: ids, flows, where it begins, what is made explicit, and what is wrong with how it hangs together."""
