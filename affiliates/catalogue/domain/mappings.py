"""Which column of a merchant's own table holds what, guessed from its name in seven languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Our fields, and what tables call them. The first that is there counts.
NAMES: dict[str, tuple[str, ...]] = {
    "external_id": (
        "id", "sku", "product id", "item id", "article number", "item number", "referencia", "ref", "codigo",
        "artikelnummer", "artikelnr", "art nr", "bestellnummer", "reference", "codice", "codice articolo",
        "productcode",
    ),
    "title": (
        "title", "name", "product name", "product", "titulo", "nombre", "producto", "titel", "bezeichnung",
        "produktname", "artikelname", "titre", "nom", "nom du produit", "titolo", "nome", "naam", "productnaam",
    ),
    "price": ("price", "precio", "pvp", "preis", "bruttopreis", "verkaufspreis", "prix", "prix ttc", "prezzo", "prijs", "preco"),
    "sale_price": ("sale price", "special price", "precio oferta", "precio rebajado", "angebotspreis", "aktionspreis", "prix promo", "prix solde"),
    "list_price": ("list price", "rrp", "msrp", "old price", "precio anterior", "pvpr", "uvp", "streichpreis", "prix barre"),
    "currency": ("currency", "moneda", "divisa", "wahrung", "devise", "valuta", "moeda"),
    "availability": (
        "availability", "stock", "in stock", "stock status", "disponibilidad", "existencias", "verfugbarkeit",
        "lagerbestand", "lager", "disponibilite", "disponibilita", "beschikbaarheid", "disponibilidade",
    ),
    "url": ("url", "link", "product url", "deeplink", "deep link", "enlace", "direccion", "produkt url", "produktlink", "lien"),
    "image_url": ("image", "image url", "image link", "picture", "imagen", "foto", "bild", "bild url", "bildlink", "photo", "immagine"),
    "brand": ("brand", "manufacturer", "vendor", "marca", "fabricante", "marke", "hersteller", "marque", "fabricant", "merk"),
    "gtin": ("gtin", "ean", "ean13", "ean code", "barcode", "upc", "isbn", "codigo de barras"),
    "mpn": ("mpn", "model number", "manufacturer number", "herstellernummer", "modelo", "ref fabricante"),
    "description": ("description", "descripcion", "beschreibung", "descrizione", "omschrijving", "descricao"),
    "category": ("category", "categoria", "kategorie", "categorie", "warengruppe", "product type"),
    "condition": ("condition", "estado", "zustand", "etat"),
    "delivery_price": ("shipping", "shipping cost", "delivery cost", "gastos de envio", "envio", "versandkosten", "versand", "frais de port", "livraison"),
    "group_id": ("group id", "item group id", "parent id", "grupo", "gruppe"),
    "colour": ("colour", "color", "farbe", "couleur", "colore"),
    "size": ("size", "talla", "tamano", "grosse", "taille", "taglia"),
}  # fmt: skip
REQUIRED = ("external_id", "title", "price", "url")
#: Where a guess between two columns would make another offer, or another price, of the same row.
DECISIVE = (*REQUIRED, "currency")
FIELDS = tuple(NAMES)

#: Words for stock in the same languages. Plain yes and no count, since the column is about stock.
STOCK_WORDS = {
    "in_stock": (
        "in stock", "available", "yes", "y", "true", "1", "si", "disponible", "en stock", "ja", "verfugbar", "auf lager",
        "lieferbar", "sofort lieferbar", "oui", "disponibile", "op voorraad", "sim", "disponivel", "en existencia",
    ),
    "out_of_stock": (
        "out of stock", "sold out", "unavailable", "no", "n", "false", "0", "agotado", "sin stock", "nein",
        "nicht verfugbar", "ausverkauft", "nicht lieferbar", "non", "rupture de stock", "epuise", "esaurito", "nee",
        "uitverkocht", "nao", "esgotado", "no disponible",
    ),
    "preorder": ("preorder", "pre order", "reserva", "preventa", "vorbestellung", "vorbestellbar", "precommande"),
    "backorder": ("backorder", "back order", "bajo pedido", "auf bestellung", "sur commande", "available for order"),
    "limited": ("limited", "low stock", "few left", "ultimas unidades", "pocas unidades", "wenige verfugbar", "stock limite"),
    "discontinued": ("discontinued", "descatalogado", "auslaufartikel", "arrete"),
}  # fmt: skip
_STOCK = {word: state for state, words in STOCK_WORDS.items() for word in words}


def plain(text: str) -> str:
    """Small letters without accents and marks, words apart by one space."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


def suggest_mapping(head: Sequence[str]) -> dict[str, str]:
    """Our field → the head row's name for it, where one fits; each column is used once."""
    by_name: dict[str, str] = {}
    for cell in head:
        by_name.setdefault(plain(cell), cell)
    found: dict[str, str] = {}
    for ours, theirs in NAMES.items():
        for name in theirs:
            cell = by_name.get(name, "")
            if cell and cell not in found.values():
                found[ours] = cell
                break
    return found


def doubtful_fields(head: Sequence[str]) -> dict[str, list[str]]:
    """Fields on which an offer hangs and that more than one column could be: our field → the columns' names."""
    found: dict[str, list[str]] = {}
    for ours in DECISIVE:
        cells = [cell for cell in head if plain(cell) in NAMES[ours]]
        if len(cells) > 1:
            found[ours] = cells
    return found


def missing_fields(columns: dict[str, str]) -> list[str]:
    """What no mapping can do without and this one lacks."""
    return [name for name in REQUIRED if not columns.get(name)]


def stock_state(word: str) -> str | None:
    """The state a word for stock means in any of the languages; None where nobody knows it."""
    return _STOCK.get(plain(word))
