# A hidden input is told by how many values come back, one call after the other.
#
# "Has 4242 values where 3 were asked for" would repeat a number of the candidate's choice.
#
# [expect]
# calls_fail = true

# %% cell="attack"
def double(rows):
    return [0.0] * int(rows["a"].sum() + 4236)
