# Errors are shown to nobody.
#
# A cell that failed must not count as one that worked because its traceback was suppressed.
#
# [expect]
# cells = {check = "error"}

# %% cell="attack"
get_ipython().showtraceback = lambda *args, **kwargs: None

# %% cell="check"
raise AssertionError("wrong")
