# One process asks for all the memory.
#
# It must get a MemoryError, which a person can read, long before the machine suffers.
#
# [expect]
# cells = {attack = "error"}
# calls_fail = "*"
# [limits]
# cell_seconds = 30
# memory_mb = 768

# %% cell="attack"
held = []
while True:
    held.append(bytearray(32 << 20))
