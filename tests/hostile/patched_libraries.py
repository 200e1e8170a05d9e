# Builtins, numpy and pandas are patched to say what one would like.
#
# Whatever runs in the candidate's process can be made to lie, the code that answers calls too.
# The results are judged outside, so a lie is at most a wrong or a refused answer.
#
# [expect]
# calls_fail = true

# %% cell="attack"
import builtins
import pickle

import numpy as np
import pandas as pd

np.asarray = lambda *args, **kwargs: np.ones(1)
np.testing.assert_allclose = lambda *args, **kwargs: None
pd.DataFrame.equals = lambda *args: True
pickle.loads = lambda *args: [1]
builtins.sum = builtins.abs = builtins.round = lambda *args: 0
builtins.print = lambda *args: None
