"""What a shop's page is made of: headings, buttons, words, and the data it states for machines.

What stands beside the thing itself (menus, notices about cookies, related products) is told apart by the names that
shop systems give to it, so that a sold-out neighbour is not taken for the thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from affiliates.catalogue.domain.page_tokens import End, Start, tokens

LONGEST_TEXT = 40_000
MOST_BLOCKS = 2_000
LONGEST_PAGE = 2_000_000
DEEPEST = 400
_BLOCKS = frozenset(
    name
    for names in (
        "address article aside blockquote button caption dd details dialog div dl dt fieldset figcaption footer form",
        "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section select summary table td th tr ul br",
    )
    for name in names.split()
)
_CLOSED_BY_SISTER = frozenset({"p", "li", "option", "dt", "dd", "tr", "td", "th"})
_BESIDE_ELEMENTS = frozenset({"nav", "footer", "aside", "dialog"})
_NEVER_BESIDE = frozenset({"html", "body", "main", "h1"})
_BESIDE = re.compile(
    r"(?:^|[-_]{1,2})(?:"
    r"related|recommend(?:ed|ations?|er)?|upsells?|up-sells|cross-?sell(?:ing|s)?|similar|recently|viewed|"
    r"cookies?|consent|newsletter|footer|nav|navbar|navigation|menu|megamenu|minicart|mini-cart|drawer|modal|popup|"
    r"overlay|offcanvas|reviews?|ratings?|breadcrumbs?|suggest(?:ed|ions?)?|crossell|alsobought|also-bought|"
    r"accessories|bestsellers?|complementary|sidebar|gdpr|onetrust|usercentrics|cmp"
    r")(?=$|[-_])"
)
_CARD = re.compile(
    r"^(?:product-(?:card|item|miniature|box|tile|teaser|grid-item|list-item)|productcard|product-grid__item|"
    r"grid-product|card--product|type-product|item--product|produkt-?box|artikel-?box|producto-item|plp-tile)$"
)
_BUY_NAMES = re.compile(
    r"add[-_]?to[-_]?(?:cart|basket|bag)|addtocart|single_add_to_cart|btn-buy|buy-now|product-form__submit|"
    r"tocart|in-den-warenkorb|warenkorb-button|buybox__button|purchase-button",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: its words, whether it can be pressed, and whether its name says that it buys."""

    text: str
    is_disabled: bool
    buys_by_name: bool


@dataclass(frozen=True)
class Markup:
    """A page, taken apart."""

    title: str = ""
    language: str = ""
    metas: Mapping[str, str] = field(default_factory=dict)
    canonical: str = ""
    json_ld: tuple[str, ...] = ()
    items: tuple[Mapping[str, Any], ...] = ()
    headings: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    dialogs: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    body_names: frozenset[str] = frozenset()
    cards: int = 0
    has_password_or_date: bool = False


@dataclass(slots=True)
class _Open:
    name: str
    is_beside: bool
    is_dialog: bool
    item: dict[str, Any] | None = None
    heading: list[str] | None = None
    button: list[str] | None = None
    button_facts: tuple[bool, bool] = (False, False)
    prop: str = ""
    prop_text: list[str] | None = None


def names_of(attributes: Mapping[str, str]) -> list[str]:
    """The element's classes and id, in small letters."""
    return f"{attributes.get('class', '')} {attributes.get('id', '')}".lower().split()


def is_beside(names: Iterable[str]) -> bool:
    """Whether names say that the element stands beside the thing the page is about."""
    return any(_BESIDE.search(name) for name in names)


def squeezed(text: str) -> str:
    """The text with single spaces."""
    return " ".join(text.split())


class _Reader:
    def __init__(self) -> None:
        self.stack: list[_Open] = []
        self.title = self.language = self.canonical = ""
        self.metas: dict[str, str] = {}
        self.json_ld: list[str] = []
        self.items: list[dict[str, Any]] = []
        self.headings: list[str] = []
        self.texts: list[str] = []
        self.dialogs: list[str] = []
        self.buttons: list[Button] = []
        self.body_names: set[str] = set()
        self.cards = 0
        self.asks_birth = False
        self.line: list[str] = []
        self.dialog_line: list[str] = []
        self.length = 0

    # Elements ---------------------------------------------------------------------------------------------------

    def start(self, tag: Start) -> None:
        name, attributes = tag.name, tag.attributes
        if name in _BLOCKS:
            self.break_line()
        if name in ("script", "title", "meta", "link", "html", "body"):
            self.head(tag)
        names = names_of(attributes)
        above = self.stack[-1] if self.stack else None
        if above and name in _CLOSED_BY_SISTER and above.name == name:
            self.end(name)
            above = self.stack[-1] if self.stack else None
        beside, dialog = (above.is_beside, above.is_dialog) if above else (False, False)
        if name not in _NEVER_BESIDE:
            hidden = "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style", "")))
            is_dialog = name == "dialog" or attributes.get("role") in ("dialog", "alertdialog")
            dialog = dialog or is_dialog
            beside = beside or hidden or is_dialog or name in _BESIDE_ELEMENTS or is_beside(names)
            if any(_CARD.search(one) for one in names) and not beside:
                self.cards += 1
        open_ = _Open(name, beside, dialog)
        self.microdata(tag, open_)
        if name in ("h1", "h2") and (name == "h1" or not beside):
            open_.heading = []
        if name == "button" or (name == "a" and any("btn" in one or "button" in one for one in names)):
            open_.button, open_.button_facts = [], _button_facts(attributes, names)
        if name == "input":
            self.input(attributes, names, beside)
        if not tag.is_empty and len(self.stack) < DEEPEST:
            self.stack.append(open_)
        elif open_.item is not None:
            self.close(open_)

    def head(self, tag: Start) -> None:
        name, attributes = tag.name, tag.attributes
        if name == "script" and "ld+json" in attributes.get("type", "").lower():
            self.json_ld.append(tag.raw)
        elif name == "title" and not self.title:
            self.title = squeezed(_plain(tag.raw))[:300]
        elif name == "meta":
            key = (attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or "").lower()
            if key:
                self.metas.setdefault(key, attributes.get("content", "").strip())
        elif name == "link" and "canonical" in attributes.get("rel", "").lower().split():
            self.canonical = self.canonical or attributes.get("href", "").strip()
        elif name == "html":
            self.language = attributes.get("lang", "")[:2].lower()
        elif name == "body":
            self.body_names |= set(names_of(attributes))

    def input(self, attributes: Mapping[str, str], names: list[str], beside: bool) -> None:
        kind = attributes.get("type", "").lower()
        if kind in ("submit", "button") and not beside:
            disabled, buys = _button_facts(attributes, names)
            self.buttons.append(Button(squeezed(attributes.get("value", ""))[:120], disabled, buys))
        if kind == "date" or "birth" in attributes.get("name", "").lower():
            self.asks_birth = True

    def end(self, name: str) -> None:
        if name in _BLOCKS:
            self.break_line()
        for place in range(len(self.stack) - 1, max(-1, len(self.stack) - 40), -1):
            if self.stack[place].name == name:
                while len(self.stack) > place:
                    self.close(self.stack.pop())
                return

    def close(self, open_: _Open) -> None:
        if open_.heading is not None and (text := squeezed(" ".join(open_.heading))):
            self.headings.append(text[:300])
        if open_.button is not None and not open_.is_beside:
            self.buttons.append(Button(squeezed(" ".join(open_.button))[:120], *open_.button_facts))
        if open_.prop_text is not None:
            self.state(open_.prop, squeezed("".join(open_.prop_text))[:2000])
        elif open_.prop and open_.item is not None:
            self.state(open_.prop, open_.item)
        elif open_.item is not None:
            self.items.append(open_.item)

    # Microdata --------------------------------------------------------------------------------------------------

    def microdata(self, tag: Start, open_: _Open) -> None:
        attributes = tag.attributes
        prop = attributes.get("itemprop", "")
        if "itemscope" in attributes:
            open_.item = {"@type": attributes.get("itemtype", "")}
            open_.prop = prop if self.item() is not None else ""
        elif prop and self.item() is not None:
            value = next(
                (attributes[key] for key in ("content", "datetime", "value") if key in attributes),
                attributes.get("href") if tag.name in ("link", "a") else attributes.get("src"),
            )
            if value is not None or tag.is_empty:
                self.state(prop, (value or "").strip())
            else:
                open_.prop, open_.prop_text = prop, []

    def item(self) -> dict[str, Any] | None:
        return next((open_.item for open_ in reversed(self.stack) if open_.item is not None), None)

    def state(self, props: str, value: Any) -> None:
        item = self.item()
        if item is None:
            return
        for prop in props.split()[:4]:
            if prop in item:
                held = item[prop]
                item[prop] = [*held, value] if isinstance(held, list) else [held, value]
            else:
                item[prop] = value

    # Words ------------------------------------------------------------------------------------------------------

    def text(self, text: str) -> None:
        if not text.strip():
            return
        top = self.stack[-1] if self.stack else None
        for open_ in self.stack[-12:]:
            for held in (open_.heading, open_.button, open_.prop_text):
                if held is not None and len(held) < 200:
                    held.append(text)
        if top is None or not top.is_beside:
            self.line.append(text)
        elif top.is_dialog:
            self.dialog_line.append(text)

    def break_line(self) -> None:
        for line, kept in ((self.line, self.texts), (self.dialog_line, self.dialogs)):
            if line:
                text = squeezed(" ".join(line))
                line.clear()
                if text and self.length < LONGEST_TEXT and len(kept) < MOST_BLOCKS:
                    kept.append(text[:1000])
                    self.length += len(text)


def _plain(raw: str) -> str:
    return " ".join(token for token in tokens(raw) if isinstance(token, str))


def _button_facts(attributes: Mapping[str, str], names: list[str]) -> tuple[bool, bool]:
    disabled = (
        "disabled" in attributes
        or attributes.get("aria-disabled", "").lower() == "true"
        or bool({"disabled", "is-disabled", "btn-disabled", "btn--disabled", "button--disabled"} & set(names))
    )
    said = " ".join([*names, attributes.get("name", ""), attributes.get("data-action", "")])
    return disabled, bool(_BUY_NAMES.search(said))


def read_markup(text: str) -> Markup:
    """The page taken apart. Never fails: what cannot be read is left out. Reads two million characters at most."""
    reader = _Reader()
    for token in tokens(text[:LONGEST_PAGE]):
        if isinstance(token, Start):
            reader.start(token)
        elif isinstance(token, End):
            reader.end(token.name)
        else:
            reader.text(token)
    while reader.stack:
        reader.close(reader.stack.pop())
    reader.break_line()
    return Markup(
        title=reader.title,
        language=reader.language,
        metas=reader.metas,
        canonical=reader.canonical,
        json_ld=tuple(reader.json_ld),
        items=tuple(reader.items),
        headings=tuple(reader.headings),
        texts=tuple(reader.texts),
        dialogs=tuple(reader.dialogs),
        buttons=tuple(reader.buttons),
        body_names=frozenset(reader.body_names),
        cards=reader.cards,
        has_password_or_date=reader.asks_birth,
    )
