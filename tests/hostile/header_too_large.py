# A reply whose header is as large as one may be, and larger as soon as anybody passes it on.
#
# The agent puts it into a frame of its own. If that became too large, it would seem to be the agent
# that broke the rules, which is never the candidate: an attempt that nobody could ever grade.
#
# [expect]
# calls_fail = true

# %% cell="attack"
import worksample.sandbox.inside.answering
from worksample.sandbox.inside.frames import SIZES


def reply(question, body):
    head = b'{"problem": "raised", "word": "' + b"\xc3\xa9" * 32_700 + b'"}'
    return SIZES.pack(len(head), 0) + head


worksample.sandbox.inside.answering._reply = reply
