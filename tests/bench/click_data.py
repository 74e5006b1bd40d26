"""An empty site with one merchant and fifty links, for the benches of clicks. Run as a module it makes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.servers import ROOT

LINKS = 50
VISITORS = 1000
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


def click_site(folder: Path, database: str = "") -> tuple[dict[str, str], list[str]]:
    """The environment of a migrated site in a folder, and the codes of its links."""
    environment = {"DATA_DIR": str(folder), "DEMO_SHOP": "0", "DJANGO_SETTINGS_MODULE": "cms.settings.production"}
    if database:
        environment["DATABASE_URL"] = database
    output = subprocess.run(
        [sys.executable, "-m", "tests.bench.click_data"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return environment, json.loads(output.splitlines()[-1])


def requests_script(folder: Path, codes: list[str]) -> Path:
    """A wrk script: a thousand visitors on all links, with the headers that browsers send."""
    path = folder / "requests.lua"
    listed = ",".join(f'"{code}"' for code in codes)
    path.write_text(
        f"""
local codes, requests, n = {{{listed}}}, {{}}, 0
init = function(arguments)
  for i = 1, {VISITORS} do
    requests[i] = wrk.format("GET", "/go/" .. codes[i % #codes + 1] .. "?p=abcdefghij.b" .. i % 7, {{
      ["User-Agent"] = "{BROWSER} v" .. i, ["Accept-Language"] = "de-DE,de;q=0.9,en;q=0.8",
      ["Sec-Fetch-Mode"] = "navigate", ["Sec-Fetch-Dest"] = "document",
      ["Accept"] = "text/html,application/xhtml+xml", ["Referer"] = "http://127.0.0.1:8000/creators/a/b/"}})
  end
end
request = function() n = n % {VISITORS} + 1 return requests[n] end
""",
        encoding="utf-8",
    )
    return path


def main() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    from affiliates.parties.models import Merchant, MerchantHost, Program
    from affiliates.tracking.models import Link

    call_command("migrate", verbosity=0, interactive=False)
    merchant, _ = Merchant.objects.get_or_create(
        slug="bench", defaults={"name": "Bench", "home_country": "DE", "currency": "EUR"}
    )
    MerchantHost.objects.get_or_create(merchant=merchant, host="bench.example")
    Program.objects.get_or_create(
        merchant=merchant, defaults={"name": "Bench", "currency": "EUR", "click_param": "click_ref"}
    )
    for number in range(LINKS):
        Link.objects.get_or_create(merchant=merchant, url=f"https://bench.example/thing/{number}?size=9")
    print(json.dumps(list(Link.objects.values_list("code", flat=True))))


if __name__ == "__main__":
    main()
