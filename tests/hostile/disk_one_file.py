# One endless file.
#
# The grader's disk is not the candidate's.
#
# [expect]
# cells = {attack = "error"}
# [limits]
# cell_seconds = 30
# disk_mb = 64

# %% cell="attack"
with open("filler", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
