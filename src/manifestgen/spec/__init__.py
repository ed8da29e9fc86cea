"""The models of the spec: one file a noun."""
