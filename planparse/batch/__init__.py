"""Folders of notices: many files read at once, their plans written once, in an order of their own.

`sources` finds files, `pool` runs `worker` in processes (`dask` on a cluster), `writer` alone writes, `tables` makes
the tables of all plans, `progress` tells how far it is; `run` puts them together, and `command` is its command line.
"""
