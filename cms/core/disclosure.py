"""Who paid for what, said in the reader's language, as the reader's country wants it said.

The wordings are dated data with their source. They are made from facts and cannot be edited in a guide. Where the
country is unknown, the strictest wording serves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

FactKind = Literal["commission", "house", "gift", "fee", "own"]


@dataclass(frozen=True)
class Fact:
    """One tie between the author and what the text is about.

    commission: the author's links are paid. house: the site's own are, on pages that nobody signs.
    """

    kind: FactKind | str
    by: str = ""
    what: str = ""


@dataclass(frozen=True)
class Rule:
    """What a market wants: the label's key, and whether it stands at the head of the text as well as at each link."""

    country: str
    label: str
    at_head: bool
    since: dt.date
    source: str


@dataclass(frozen=True)
class Disclosure:
    """The label at each paid link, and the sentences above the first one. Empty where nothing is owed."""

    label: str
    sentences: tuple[str, ...]
    at_head: bool
    country: str

    @property
    def is_needed(self) -> bool:
        return bool(self.sentences)


RULES: dict[str, Rule] = {
    rule.country: rule
    for rule in (
        Rule("US", "ad", False, dt.date(2023, 6, 29), "16 CFR Part 255"),
        Rule("GB", "ad", True, dt.date(2023, 3, 23), "CAP Code 2.1; CMA guidance"),
        Rule("DE", "advertising", True, dt.date(2022, 5, 28), "UWG § 5a(4)"),
        Rule("AT", "advertising", True, dt.date(2022, 7, 20), "UWG § 2(6)"),
        Rule("FR", "advertising", True, dt.date(2024, 11, 8), "Loi 2023-451; ordonnance 2024-978"),
        Rule("ES", "advertising", True, dt.date(2024, 7, 2), "LGCA art. 94; Real Decreto 444/2024"),
        Rule("EU", "advertising", True, dt.date(2024, 2, 17), "DSA art. 26; UCPD annex I 11"),
    )
}
EU_COUNTRIES = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
        "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
STRICTEST = Rule("", "advertising", True, dt.date(2024, 11, 8), "the strictest of the rules above")

LABELS: dict[str, dict[str, str]] = {
    "en": {"ad": "Ad", "advertising": "Advertising"},
    "es": {"ad": "Publi", "advertising": "Publicidad"},
    "de": {"ad": "Anzeige", "advertising": "Anzeige"},
    "fr": {"ad": "Publicité", "advertising": "Publicité"},
}
SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "commission": "Links marked {label} are paid links: if you buy through one, the author earns a commission "
        "from the shop. You pay the same, and commission never decides what is recommended or in which order.",
        "house": "Links marked {label} are paid links: if you buy through one, this site earns a commission from the "
        "shop. You pay the same, and commission never decides which shops are shown or in which order.",
        "gift": "The author was given {what} free of charge by {by}.",
        "fee": "{by} paid a fee for this text.",
        "own": "The author sells {what} or has a share in {by}.",
    },
    "es": {
        "commission": "Los enlaces marcados {label} son de pago: si compras a través de uno, quien firma cobra una "
        "comisión de la tienda. Tú pagas lo mismo, y la comisión nunca decide qué se recomienda ni en qué orden.",
        "house": "Los enlaces marcados {label} son de pago: si compras a través de uno, este sitio cobra una comisión "
        "de la tienda. Tú pagas lo mismo, y la comisión nunca decide qué tiendas se muestran ni en qué orden.",
        "gift": "{by} regaló {what} a quien firma este texto.",
        "fee": "{by} pagó por este texto.",
        "own": "Quien firma vende {what} o participa en {by}.",
    },
    "de": {
        "commission": "Mit {label} markierte Links sind bezahlt: Wer darüber kauft, bringt der Autorin oder dem Autor "
        "eine Provision des Shops. Der Preis bleibt gleich, und Provision entscheidet nie über Empfehlung und "
        "Reihenfolge.",
        "house": "Mit {label} markierte Links sind bezahlt: Wer darüber kauft, bringt dieser Website eine Provision "
        "des Shops. Der Preis bleibt gleich, und Provision entscheidet nie, welche Shops gezeigt werden und in welcher "
        "Reihenfolge.",
        "gift": "{by} hat {what} kostenlos zur Verfügung gestellt.",
        "fee": "{by} hat für diesen Text bezahlt.",
        "own": "Wer hier schreibt, verkauft {what} oder ist an {by} beteiligt.",
    },
    "fr": {
        "commission": "Les liens marqués {label} sont rémunérés : si vous achetez par l'un d'eux, l'auteur touche une "
        "commission de la boutique. Vous payez le même prix, et la commission ne décide jamais du choix ni de l'ordre.",
        "house": "Les liens marqués {label} sont rémunérés : si vous achetez par l'un d'eux, ce site touche une "
        "commission de la boutique. Vous payez le même prix, et la commission ne décide ni des boutiques montrées ni "
        "de leur ordre.",
        "gift": "{by} a offert {what} à l'auteur.",
        "fee": "{by} a payé pour ce texte.",
        "own": "L'auteur vend {what} ou possède une part de {by}.",
    },
}


def rule_for(country: str | None) -> Rule:
    """The rule of a country; the EU's for a member without its own; the strictest where nobody knows."""
    if country in RULES:
        return RULES[country]
    if country in EU_COUNTRIES:
        return RULES["EU"]
    return STRICTEST


def paid_label(country: str | None, language: str) -> str:
    """The word at each paid link."""
    labels = LABELS.get(language[:2], LABELS["en"])
    return labels[rule_for(country).label]


def disclosure_for(country: str | None, language: str, facts: Sequence[Fact]) -> Disclosure:
    """The disclosure of a text for a reader there, in a language; English where we have no wording."""
    rule = rule_for(country)
    label = paid_label(country, language)
    wordings = SENTENCES.get(language[:2], SENTENCES["en"])
    order = {"fee": 0, "own": 1, "gift": 2, "commission": 3, "house": 4}
    ordered = sorted(facts, key=lambda fact: order.get(fact.kind, 9))
    sentences = tuple(wordings[fact.kind].format(label=f"“{label}”", by=fact.by, what=fact.what) for fact in ordered)
    return Disclosure(label=label, sentences=sentences, at_head=rule.at_head, country=country or "")
