# Displays whose types are nearly JSON, or none at all, with lists and objects in them.
#
# A notebook holds these as text only. What no notebook can hold would be an error in the process
# that grades, and so a fault of ours: not gradable, as often as the candidate likes.
#
# [expect]
# cells = {attack = "completed"}
# ended = "completed"
# outputs_sound = true

# %% cell="attack"
long = "application/" + "a" * 300 + "+json"
for kind in (
    *("model/gltf+json", "text/+json", "+json", "application/json;v=1", "application/json\n"),
    *("application/a\n+json", long, "APPLICATION/JSON", "application/jsonx", "", "text/plain"),
):
    for value in ({"a": [1, {"b": None}]}, [["x"], 1], [1], 1.5, None, True):
        display({kind: value, "text/html": "x"}, raw=True)
