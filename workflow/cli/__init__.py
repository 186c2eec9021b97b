"""The command line: a module per topic, each of which adds its commands to the parser.

Heavy libraries (torch, polars, pandas, rich) are imported by the command that needs them, so that
each job of the workflow pays for its own only.
"""
