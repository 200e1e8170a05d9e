# An AST transformer removes every assertion.
#
# Visible checks then pass. They score nothing, so the only thing to hold is that the run goes on
# and the functions are still asked for real answers.
#
# [expect]

# %% cell="attack"
import ast


class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


get_ipython().ast_transformers.append(NoAsserts())

# %% cell="check"
assert False, "GOT: this should have failed, and it does not matter that it did not"
