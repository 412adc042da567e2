"""A shop."""
from __future__ import annotations

import os.path
import numpy as np
from . import models
from .models import Item as Thing, price
from ..base import *

try:
    import json
except ImportError:
    json = None

TAX: float = 0.2


class Basket(models.Base, Mixin):
    """What somebody wants."""

    empty: "Basket"

    def __init__(self, items: list[Thing]):
        self.items = items
        self.log = Logger()

    @property
    def size(self) -> int:
        return len(self.items)

    def add(self, item: Thing) -> "Basket":
        self.log.write(item.name)
        return self

    @staticmethod
    def of(*items):
        return Basket(list(items)).add(items[0])


class Logger:
    def write(self, text: str = os.path.sep) -> None:
        print(text, price(), TAX)


def total(basket: Basket) -> float:
    local = basket.add(Thing("x"))
    return local.size * np.pi + sum(i.cost for i in basket.items)


async def test_total():
    assert total(Basket.of()) == unknown(free)
