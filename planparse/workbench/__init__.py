"""The rule workbench: what people who keep rules need at their desk and in CI.

Nothing here runs when a plan is extracted; the commands in `commands.py` import each part when it is asked for.
"""
