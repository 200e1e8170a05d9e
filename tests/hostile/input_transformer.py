# An input transformer empties every later cell.
#
# In nbgrader an empty test cell gets full marks. Here nothing a later cell does or does not do in
# this process earns anything: what was not recorded is missing, and says so.
#
# [expect]
# reached = false

# %% cell="attack"
get_ipython().input_transformers_post.append(lambda lines: [])
