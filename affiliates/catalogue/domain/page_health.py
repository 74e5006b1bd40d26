"""Whether a shop's page still sells the thing. Only what is sure counts; what is merely odd changes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from affiliates.catalogue.domain.matching import plain
from affiliates.catalogue.domain.page_markup import Markup
from affiliates.catalogue.domain.shop_pages import ShopPage

SLOW_MS = 8000
#: Prices apart by less than this are one price, rounded otherwise.
TOLERANCE_PERMILLE = 5
#: Found once these count at once; the others have to be found again.
AT_ONCE = frozenset({"ok", "sold_out", "price_mismatch"})
#: Nothing that the shop could mend in a minute says anything of the offer; these never hide one.
PASSING = frozenset({"down", "slow", "blocked", "consent_wall"})
DEAD = frozenset({"gone", "soft_gone", "redirected", "title_mismatch"})

_GONE = (
    "page not found", "page cannot be found", "page can t be found", "no longer exists", "no longer available",
    "not available anymore", "product not found", "has been discontinued", "error 404", "404 not found", "404 error",
    "nicht gefunden", "nicht mehr verfugbar", "nicht mehr erhaltlich", "nicht mehr im sortiment",
    "existiert nicht mehr",
    "pagina no encontrada", "no se ha encontrado", "no encontramos", "ya no esta disponible", "ya no existe",
    "page introuvable", "page non trouvee", "n est plus disponible", "n existe plus", "produit introuvable",
    "pagina non trovata", "non e piu disponibile", "non esiste piu", "prodotto non trovato",
    "pagina niet gevonden", "niet meer beschikbaar", "niet meer leverbaar", "bestaat niet meer",
    "pagina nao encontrada", "nao esta mais disponivel", "ja nao esta disponivel",
    "strony nie znaleziono", "nie znaleziono strony", "nie jest juz dostepny", "produkt niedostepny na stale",
    "sidan kunde inte hittas", "sidan hittades inte", "finns inte langre",
    "siden blev ikke fundet", "findes ikke langere", "sivua ei loytynyt",
)  # fmt: skip
_GONE_JA = ("ページが見つかりません", "販売終了", "取り扱いを終了", "お探しの商品は", "404")
_SOLD = (
    "sold out", "out of stock", "currently unavailable", "ausverkauft", "nicht vorratig", "nicht auf lager",
    "derzeit nicht verfugbar", "zurzeit nicht lieferbar", "agotado", "sin existencias", "sin stock", "fuera de stock",
    "rupture de stock", "en rupture", "epuise", "esaurito", "non disponibile", "uitverkocht", "niet op voorraad",
    "esgotado", "sem stock", "sem estoque", "wyprzedane", "brak w magazynie", "niedostepny", "slutsald", "slut i lager",
    "udsolgt", "loppuunmyyty", "notify me when available", "avisame cuando", "benachrichtigen sie mich",
)  # fmt: skip
_SOLD_JA = ("在庫切れ", "売り切れ", "品切れ", "完売", "入荷待ち")
_CONSENT = (
    "cookies", "cookie", "consent", "einwilligung", "datenschutz", "privacidad", "consentimiento", "confidentialite",
    "consentement", "privacy", "consenso", "toestemming", "samtycke", "zgoda", "over 18", "18 or older", "uber 18",
    "mayor de edad", "majeur", "maggiorenne", "geburtsdatum", "date of birth", "confirm your age",
    "bestatige dein alter",
)  # fmt: skip
_WALL = (
    "captcha", "are you a robot", "not a robot", "are you human", "verify you are human", "checking your browser",
    "access denied", "access to this page has been denied", "unusual traffic", "enable javascript and cookies",
    "kein roboter", "zugriff verweigert", "no eres un robot", "acceso denegado", "vous etes humain", "acces refuse",
    "just a moment", "attention required", "security check", "pardon our interruption",
)  # fmt: skip
_HOME = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:index\.(?:html?|php))?", re.IGNORECASE)
_LISTS = re.compile(
    r"(?:^|[/_-])(?:search|suche|suchergebnis|buscar|busqueda|recherche|ricerca|zoeken|szukaj|sok|collections|"
    r"categor(?:y|ies|ia|ias|ie|ies)|kategorie[ns]?|catalogsearch|c|shop-all|all-products|sale|outlet)(?:[/_.-]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked for and what we know of the thing. Price in minor units, as stated when last seen."""

    url: str
    name: str = ""
    brand: str = ""
    gtin: str = ""
    price_minor: int | None = None
    currency: str = ""
    click_param: str = ""
    #: Numbers of the products that were merged into this one.
    other_gtins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Came:
    """What came back: a status and a page, or the reason why nothing did (dns, timeout, connect, tls, read …)."""

    final_url: str = ""
    status: int = 0
    took_ms: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A state and what was seen. `is_sure` is False where there was nothing to go by."""

    state: str
    detail: str = ""
    is_sure: bool = True


def classify(asked: Asked, came: Came, markup: Markup, page: ShopPage) -> Finding:
    """What is to be said of an offer after one look at its page."""
    return (
        _of_answer(came, markup, page) or _of_address(asked, came, markup, page) or _of_page(asked, came, markup, page)
    )


def _of_answer(came: Came, markup: Markup, page: ShopPage) -> Finding | None:
    if came.error:
        return Finding("down", came.error)
    status = came.status
    if status in (404, 410):
        return Finding("gone", str(status))
    walled = _says(_head(markup), _WALL)
    if status in (401, 403, 407, 429, 451) or (walled and not page.is_product):
        return Finding("blocked", str(status))
    if status >= 500 or status == 408:
        return Finding("down", str(status))
    if not 200 <= status < 300:
        return Finding("ok", f"status {status}", is_sure=False)
    return None


def _of_address(asked: Asked, came: Came, markup: Markup, page: ShopPage) -> Finding | None:
    """What the address in the end says: another place, or our parameter lost on the way."""
    before, after = urlsplit(asked.url), urlsplit(came.final_url or asked.url)
    if before.path.rstrip("/") != after.path.rstrip("/") and not page.is_product:
        if _HOME.fullmatch(after.path) and not _HOME.fullmatch(before.path):
            return Finding("redirected", "to the front page")
        if (_LISTS.search(after.path) or "q=" in after.query or "search=" in after.query) and not _LISTS.search(
            before.path
        ):
            return Finding("redirected", "to a list")
    if asked.click_param and came.final_url != asked.url:
        sent = dict(parse_qsl(before.query)).get(asked.click_param)
        kept = dict(parse_qsl(after.query)).get(asked.click_param)
        same_shop = _site(before.hostname) == _site(after.hostname)
        if sent and kept != sent and same_shop and page.is_product:
            return Finding("tag_stripped", asked.click_param)
    return None


def _of_page(asked: Asked, came: Came, markup: Markup, page: ShopPage) -> Finding:
    head = _head(markup)
    if not page.is_product:
        if _says(head, _GONE) or any(word in markup.title + " ".join(markup.headings) for word in _GONE_JA):
            return Finding("soft_gone", (markup.headings or (markup.title,))[0][:120])
        if _is_consent(markup):
            return Finding("consent_wall", (markup.dialogs or markup.texts or ("",))[0][:120])
    elif not page.has_price and not _can_buy(markup) and _says(head, _GONE):
        return Finding("soft_gone", (markup.headings or (markup.title,))[0][:120])
    if _is_another(asked, page):
        return Finding("title_mismatch", page.name[:120])
    if page.availability in ("out_of_stock", "discontinued"):
        return Finding("sold_out", page.availability)
    # The button is that of the variant the page opens with, which is ours only where there is no other.
    if page.availability == "unknown" and not page.is_open and _is_sold_out(markup):
        return Finding("sold_out", "the button is off")
    if _other_price(asked, page):
        return Finding("price_mismatch", f"{page.price_minor} {page.currency}")
    if came.took_ms > SLOW_MS:
        return Finding("slow", f"{came.took_ms} ms")
    return Finding("ok", "", is_sure=page.is_product or _can_buy(markup))


def _head(markup: Markup) -> str:
    """The words at the top: title, headings, the first lines."""
    first = [text for text in markup.texts[:12] if len(text) <= 200]
    return plain(" . ".join([markup.title, *markup.headings[:3], *first[:6]]))


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    return any(f" {phrase} " in f" {text} " for phrase in phrases)


def _site(host: str | None) -> str:
    """The last two labels of a host, by which www. and shop. are one shop."""
    return ".".join((host or "").lower().rsplit(".", 2)[-2:])


def _can_buy(markup: Markup) -> bool:
    return any(button.buys_by_name and not button.is_disabled for button in markup.buttons)


def _is_sold_out(markup: Markup) -> bool:
    """The thing's own button is off, and something beside it says why."""
    buying = [button for button in markup.buttons if button.buys_by_name]
    said = [plain(button.text) for button in markup.buttons if button.is_disabled or button.buys_by_name]
    if any(_says(text, _SOLD) for text in said) and not _can_buy(markup):
        return True
    raw = " ".join(button.text for button in markup.buttons if button.is_disabled or button.buys_by_name)
    if any(word in raw for word in _SOLD_JA) and not _can_buy(markup):
        return True
    short = [text for text in markup.texts if len(text) <= 60]
    off = bool(buying) and all(button.is_disabled for button in buying)
    return off and (any(_says(plain(text), _SOLD) for text in short) or any(w in t for t in short for w in _SOLD_JA))


def _is_consent(markup: Markup) -> bool:
    """A page that is nothing but the question."""
    words = plain(" ".join([*markup.dialogs, *markup.texts, markup.title, *markup.headings]))
    beside = sum(len(text) for text in markup.texts)
    asks = _says(words, _CONSENT)
    return (
        asks
        and beside < 700
        and not _can_buy(markup)
        and (bool(markup.dialogs) or markup.has_password_or_date or beside < 400)
    )


def _is_another(asked: Asked, page: ShopPage) -> bool:
    """Another thing for sure: another GTIN, or not a word in common under another brand."""
    if page.gtin in asked.other_gtins:
        return False
    if asked.gtin and page.gtin:
        return asked.gtin != page.gtin
    if not (asked.name and page.name):
        return False
    mine = {word for word in plain(f"{asked.brand} {asked.name}").split() if len(word) > 2}
    theirs = {word for word in plain(f"{page.brand} {page.name}").split() if len(word) > 2}
    # Another script, or another language: then nothing in common says nothing.
    if not mine or not theirs or mine & theirs:
        return False
    brands = plain(asked.brand), plain(page.brand)
    return all(brands) and brands[0] != brands[1]


def _other_price(asked: Asked, page: ShopPage) -> bool:
    if asked.price_minor is None or page.price_minor is None or asked.currency != page.currency:
        return False
    apart = abs(asked.price_minor - page.price_minor)
    return apart > 1 and apart * 1000 > asked.price_minor * TOLERANCE_PERMILLE
