"""What levelwatch costs, beside what others cost, in one run.

One file per measurement, each with a `measure`. They print ratios and budgets and
never fail: a machine that is busy is not a bug.
"""
