"""PromQL read as a tree, and what is wrong with an expression: names, types, labels, ranges, comparisons.

Nothing imports this package but a function that has PromQL of a user's to read, or all of it: the parser
costs a platform without any nothing.
"""
