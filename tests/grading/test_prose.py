"""A candidate's prose as plain formatting."""

from __future__ import annotations

import pytest

from worksample.grading.prose import prose


def test_paragraphs_lists_tables_and_code_are_drawn():
    drawn = prose(
        "It **holds**.\n\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n"
    )
    for tag in ("<strong>holds</strong>", "<li>one", "<td>1</td>", "<pre><code>x = 1"):
        assert tag in drawn


@pytest.mark.parametrize("heading", ["# Total 100", "###### Total 100", "Total 100\n======"])
def test_a_heading_cannot_pass_for_one_of_the_pages(heading):
    assert prose(heading) == "<p><strong>Total 100</strong></p>\n"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[words](http://evil.example)", "words"),
        ("[words](javascript:x)", "words"),
        ("![words](http://evil.example/x.png)", "[picture: words]"),
        ("![](x.png)", "[picture]"),
        ("<http://evil.example>", "http://evil.example"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        (
            "<p id='cell-x' class='strength'>x</p>",
            "&lt;p id='cell-x' class='strength'&gt;x&lt;/p&gt;",
        ),
        ("x <b onclick=y>z</b>", "x &lt;b onclick=y&gt;z&lt;/b&gt;"),
    ],
)
def test_nothing_leads_loads_or_is_markup(source, shown):
    drawn = prose(source)
    assert shown in drawn.replace("&quot;", '"')
    assert "href" not in drawn
    assert "src" not in drawn.replace("&lt;", "")
