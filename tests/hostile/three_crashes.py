# More cells end the kernel than there are second chances.
#
# The attempt must come to an end, with what was reached so far.
#
# [expect]
# cells = {attack_0 = "crashed", attack_1 = "crashed", attack_2 = "crashed", attack_3 = "not_run", after = "not_run"}
# ended = "crashed"
# reached = false
# calls_fail = true

# %% cell="attack_0"
import os

os._exit(0)

# %% cell="attack_1"
import os

os._exit(1)

# %% cell="attack_2"
import os

os._exit(2)

# %% cell="attack_3"
import os

os._exit(3)
