"""Facts about the links that the book makes of mentions of claims."""

import pytest
from claim_links import linked


def link(code: str, page: str = "p.html") -> str:
    return f'<a class="claim-link" href="{page}#claim-{code}">{code}</a>'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>see N5.</p>", f"<p>see {link('N5')}.</p>"),
        ("<td>(N13,\nQ22)</td>", f"<td>({link('N13')},\n{link('Q22')})</td>"),
        (
            "<figcaption>K1 to <em>K3</em></figcaption>",
            f"<figcaption>{link('K1')} to <em>{link('K3')}</em></figcaption>",
        ),
        ("<code>a</code> N5 <pre>N5</pre>", f"<code>a</code> {link('N5')} <pre>N5</pre>"),
        ("<p><br/>N5<img alt='N6'>Q1</p>", f"<p><br/>{link('N5')}<img alt='N6'>{link('Q1')}</p>"),
    ],
)
def test_a_mention_in_text_is_a_link(before, after):
    assert linked(before, "p.html") == after


@pytest.mark.parametrize(
    "page",
    [
        '<a href="s5_claims.html#claim-N5"><span>N5</span></a>',
        "<h3 id='x'>N5 and <em>N6</em></h3>",
        "<code><span>N5</span></code><pre>N5 <span>N6</span></pre>",
        '<span class="math notranslate nohighlight">\\(N5 + <span>K1</span>\\)</span>',
        '<div class="math">K1</div><script>if (1 < 2) N5</script><svg><text>N5</text></svg><!-- N5 -->',
        '<p title="N5 > N6">N15, Q54, K0, N05, XN5, N5a, N555, Q100</p>',
    ],
    ids=["link", "heading", "code", "formula", "block, script, drawing, comment", "no claim's code"],
)
def test_what_is_no_mention_in_text_is_left_alone(page):
    assert linked(page, "p.html") == page


def test_a_panel_links_to_others_and_not_to_itself():
    page = '<h3 id="claim-N5">N5</h3><p>N5, N6</p><h3 id="claim-N6">N6</h3><p>N5, N6</p>'
    five, six = link("N5", ""), link("N6", "")
    assert linked(page, "", own=True) == (
        f'<h3 id="claim-N5">N5</h3><p>N5, {six}</p><h3 id="claim-N6">N6</h3><p>{five}, N6</p>'
    )
