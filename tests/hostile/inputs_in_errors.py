# A hidden input is put into the kind, the text and the line of an error.
#
# A message that repeated any of them would bring it into the feedback, before the revision.
#
# [expect]
# calls_fail = true

# %% cell="attack"
def double(rows):
    told = f"GOT: {list(rows['a'])}"
    raise type(told, (ValueError,), {"name": told})(told)
