"""HTTP: parse, use case, render. Nothing is decided here.

Does not know: rules, tables, packets. An id of another party answers as an unknown one.
"""
