"""Shops' pages for tests: six systems, nine languages, every state, with the noise of real pages around them.

Written in the manner of each system; no shop's own page is copied. `labelled()` gives some 650 of them with what is
to be found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from affiliates.catalogue.domain.page_health import Asked, Came

HOST = "https://shop.example"
PATH = "/p/flexo-lamp-60"
GTIN = "4006381333931"
ASKED = Asked(f"{HOST}{PATH}?ref=x1", "Flexo Lamp 60", "Acme", GTIN, 8990, "EUR", "ref")
SYSTEMS = ("shopify", "woocommerce", "magento", "prestashop", "shopware", "own")
#: Of each language: buy, sold out, gone, cookies, "you may also like", robots, category, search.
WORDS: dict[str, tuple[str, ...]] = {
    "en": ("Add to cart", "Sold out", "Page not found", "We use cookies. Accept all?", "You may also like",
           "Please verify you are human", "category", "search"),
    "de": ("In den Warenkorb", "Ausverkauft", "Seite nicht gefunden", "Wir verwenden Cookies. Alle akzeptieren?",
           "Das könnte Ihnen gefallen", "Ich bin kein Roboter", "kategorie", "suche"),
    "es": ("Añadir al carrito", "Agotado", "Página no encontrada", "Usamos cookies. ¿Aceptar todas?",
           "También te puede gustar", "Confirma que no eres un robot", "categoria", "buscar"),
    "fr": ("Ajouter au panier", "Rupture de stock", "Page introuvable", "Nous utilisons des cookies. Tout accepter ?",
           "Vous aimerez aussi", "Accès refusé", "categorie", "recherche"),
    "it": ("Aggiungi al carrello", "Esaurito", "Pagina non trovata", "Usiamo i cookie. Accetti il consenso?",
           "Potrebbe piacerti", "captcha", "categoria", "ricerca"),
    "nl": ("In winkelwagen", "Uitverkocht", "Pagina niet gevonden", "Wij gebruiken cookies. Toestemming geven?",
           "Misschien ook leuk", "captcha", "categorie", "zoeken"),
    "pt": ("Adicionar ao carrinho", "Esgotado", "Página não encontrada", "Usamos cookies. Aceitar?",
           "Também pode gostar", "captcha", "categoria", "search"),
    "pl": ("Do koszyka", "Wyprzedane", "Nie znaleziono strony", "Używamy plików cookie. Zgoda?",
           "Może Ci się spodobać", "captcha", "kategorie", "szukaj"),
    "ja": ("カートに入れる", "売り切れ", "ページが見つかりません", "cookie の使用に同意しますか", "関連商品", "captcha", "category", "search"),
}  # fmt: skip
NOISE = ("plain", "banner", "neighbours", "sizes", "breadcrumb")


@dataclass(frozen=True)
class Sample:
    """A page, how it came, and what is to be said of it."""

    label: str
    html: str
    state: str
    came: Came = field(default_factory=lambda: Came(ASKED.url, 200, 400))
    asked: Asked = ASKED


def _json_ld(
    price: str = "89.90", stock: str = "InStock", gtin: str = GTIN, name: str = "Flexo Lamp 60", **more: Any
) -> str:
    product = {
        "@context": "https://schema.org", "@type": "Product", "name": name, "gtin13": gtin,
        "brand": {"@type": "Brand", "name": more.get("brand", "Acme")},
        "offers": {"@type": "Offer", "price": price, "priceCurrency": "EUR", "availability": f"https://schema.org/{stock}"},
    }  # fmt: skip
    graph = {"@context": "https://schema.org", "@graph": [{"@type": "WebPage", "name": name}, product]}
    return f'<script type="application/ld+json">{json.dumps(graph if more.get("graph") else product)}</script>'


def _noise(kind: str, words: tuple[str, ...]) -> str:
    if kind == "banner":
        return (
            f'<div id="cookie-banner" role="dialog" class="cookie-consent"><p>{words[3]}</p><button>OK</button></div>'
        )
    if kind == "neighbours":
        card = f'<article class="product-card"><h3>Kettle</h3><span>{words[1]}</span></article>'
        return f'<section class="related-products"><h2>{words[4]}</h2>{card * 4}</section>'
    if kind == "sizes":
        return f'<select name="size"><option disabled>S - {words[1]}</option><option>M</option></select>'
    if kind == "breadcrumb":
        return '<nav class="breadcrumb"><a href="/">Home</a> / <a href="/c/lamps">Lamps</a></nav><p>Art. 404-60</p>'
    return ""


def product_page(system: str, language: str, noise: str = "plain", *, sold_out: bool = False, **facts: Any) -> str:
    """A product's page as the system writes it."""
    words = WORDS[language]
    name, price = facts.get("name", "Flexo Lamp 60"), facts.get("price", "89.90")
    stock = "OutOfStock" if sold_out else facts.get("stock", "InStock")
    button = words[1] if sold_out else words[0]
    off = " disabled" if sold_out else ""
    data = _json_ld(
        price=price,
        stock=stock,
        graph=system == "woocommerce",
        **{k: v for k, v in facts.items() if k in ("gtin", "name", "brand")},
    )
    shown = price.replace(".", ",") + " €"
    body = {
        "shopify": f'<h1 class="product__title">{name}</h1><span class="price">{shown}</span>'
                   f'<form action="/cart/add"><button type="submit" name="add" class="product-form__submit"{off}>{button}</button></form>{data}',
        "woocommerce": f'<div class="product type-product"><h1 class="product_title">{name}</h1><p class="price">{shown}</p>'
                       f'<form class="cart"><button class="single_add_to_cart_button button"{off}>{button}</button></form></div>{data}',
        "magento": f'<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">{name}</h1>'
                   f'<meta itemprop="gtin13" content="{facts.get("gtin", GTIN)}"><div itemprop="brand">{facts.get("brand", "Acme")}</div>'
                   f'<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><meta itemprop="price" content="{price}">'
                   f'<meta itemprop="priceCurrency" content="EUR"><link itemprop="availability" href="http://schema.org/{stock}"></div>'
                   f'<button id="product-addtocart-button" class="action tocart"{off}>{button}</button></div>',
        "prestashop": f'<h1>{name}</h1><div class="current-price">{shown}</div>'
                      f'<button class="btn add-to-cart" data-button-action="add-to-cart"{off}>{button}</button>{data}',
        "shopware": f'<div itemscope itemtype="https://schema.org/Product"><h1 class="product-detail-name" itemprop="name">{name}</h1>'
                    f'<meta itemprop="gtin13" content="{facts.get("gtin", GTIN)}"><meta itemprop="brand" content="{facts.get("brand", "Acme")}">'
                    f'<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="EUR">'
                    f'<meta itemprop="price" content="{price}"><link itemprop="availability" href="https://schema.org/{stock}"></div>'
                    f'<button class="btn btn-buy"{off}>{button}</button></div>',
        "own": f"<main><h1>{name}</h1><p>{shown}</p><p>60 cm, E27, 1.4 kg. Wobbles a little and has done so for years.</p>"
               f'<button class="buy-now add-to-cart"{off}>{button}</button></main>{data}',
    }[system]  # fmt: skip
    return _page(language, f"{name} | Shop", body + _noise(noise, words))


def _page(language: str, title: str, body: str) -> str:
    foot = '<footer><a href="/imprint">Imprint</a> <a href="/privacy">Cookies</a></footer>'
    return f'<!doctype html><html lang="{language}"><head><title>{title}</title></head><body>{body}{foot}</body></html>'


def _came(**facts: Any) -> Came:
    return Came(**({"final_url": ASKED.url, "status": 200, "took_ms": 400} | facts))


def labelled() -> Iterator[Sample]:
    """Pages of every state, with what is to be found."""
    for language, words in WORDS.items():
        for system in SYSTEMS:
            at = f"{system}-{language}"
            for noise in NOISE:
                yield Sample(f"ok {at} {noise}", product_page(system, language, noise), "ok")
            yield Sample(f"sold out {at}", product_page(system, language, "neighbours", sold_out=True), "sold_out")
            yield Sample(f"price {at}", product_page(system, language, price="79.90"), "price_mismatch")
            other = {"gtin": "4006381000017", "name": "Copper Kettle", "brand": "Brisa"}
            yield Sample(f"other {at}", product_page(system, language, **other), "title_mismatch")
            yield Sample(f"slow {at}", product_page(system, language), "slow", _came(took_ms=12_000))
            stripped = _came(final_url=f"{HOST}{PATH}?variant=2")
            yield Sample(f"stripped {at}", product_page(system, language), "tag_stripped", stripped)
        lost = f"<main><h1>{words[2]}</h1><p>404</p><a href='/'>Home</a></main>"
        yield Sample(f"soft gone {language}", _page(language, words[2], lost), "soft_gone")
        yield Sample(f"gone {language}", _page(language, words[2], lost), "gone", _came(status=404))
        yield Sample(f"really gone {language}", "", "gone", _came(status=410))
        front = _page(language, "Shop", "<h1>Shop</h1><p>New lamps and kettles, every week.</p>")
        yield Sample(f"home {language}", front, "redirected", _came(final_url=f"{HOST}/"))
        yield Sample(f"language home {language}", front, "redirected", _came(final_url=f"{HOST}/{language}/"))
        shelf = '<article class="product-card"><h3>Kettle</h3></article>' * 8
        listing = _page(language, "Lamps", f"<h1>Lamps</h1>{shelf}")
        yield Sample(f"category {language}", listing, "redirected", _came(final_url=f"{HOST}/{words[6]}/lamps"))
        yield Sample(f"search {language}", listing, "redirected", _came(final_url=f"{HOST}/{words[7]}?q=flexo"))
        wall = _page(
            language, "Shop", f'<div role="dialog" class="cookie-wall"><p>{words[3]}</p><button>OK</button></div>'
        )
        yield Sample(f"consent {language}", wall, "consent_wall")
        robot = _page(language, words[5], f"<h1>{words[5]}</h1><div class='captcha'></div>")
        yield Sample(f"wall {language}", robot, "blocked")
        yield Sample(f"refused {language}", robot, "blocked", _came(status=403))
        yield Sample(f"many {language}", "", "blocked", _came(status=429))
        yield Sample(f"broken {language}", "", "down", _came(status=503))
        yield Sample(f"timeout {language}", "", "down", Came(error="timeout"))
