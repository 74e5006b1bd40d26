"""The demo's pictures, drawn on all cores and stored with their sizes."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from django.core.files.images import ImageFile

from cms.core.models import SiteImage
from cms.core.pictures import make_renditions
from cms.demo.domain.drawings import Drawing, Drawn, draw


def store(drawn: Drawn, *, title: str, alt: str, collection_id: int | None, shapes: Iterable[str]) -> SiteImage:
    """Keep a drawn picture and make its sizes."""
    image = SiteImage(
        title=title[:255],
        alt=alt[:300],
        origin=SiteImage.Origin.GENERATED,
        dominant_color=drawn.color,
        width=drawn.size[0],
        height=drawn.size[1],
    )
    if collection_id:
        image.collection_id = collection_id
    image.file = ImageFile(io.BytesIO(drawn.jpeg), name=f"{drawn.name[:60]}.jpg")
    image.save()
    make_renditions(image, *shapes)
    return image


def draw_all(drawings: list[Drawing], keep: Callable[[Drawn], None]) -> None:
    """Draw on all cores and hand each picture to `keep`, in order."""
    # "spawn": a forked child would share this process's database connection.
    workers = max(1, (os.cpu_count() or 2) - 1)
    if len(drawings) < 4:
        for drawing in drawings:
            keep(draw(drawing))
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for drawn in pool.map(draw, drawings, chunksize=4):
            keep(drawn)
