"""People's colours: told apart by colour-blind eyes, legible, and never the only thing that tells people apart."""

from __future__ import annotations

import itertools
import math

import pytest

from core.schedules.rotas import people
from tocsin.core.schedules.shown.colours import PALETTE, looks

#: What is left of red, green and blue (linear) for eyes that lack one kind of cones: Machado, Oliveira and Fernandes,
#: "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.0.
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#f0e442", "#d55e00", "#000000")


def linear(colour: str) -> list[float]:
    """Red, green and blue as amounts of light."""
    parts = (byte / 255 for byte in bytes.fromhex(colour.removeprefix("#")))
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def seen(colour: str, eyes: str) -> tuple[float, float, float]:
    """A colour in OKLab, in which distances are as eyes feel them."""
    red, green, blue = (
        min(max(sum(a * b for a, b in zip(row, linear(colour), strict=True)), 0), 1) for row in EYES[eyes]
    )
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def closest(colours: list[str] | tuple[str, ...], eyes: str) -> float:
    """How far apart the two most similar colours are."""
    return min(math.dist(seen(a, eyes), seen(b, eyes)) for a, b in itertools.combinations(colours, 2))


def light(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("eyes", EYES)
def test_colour_blind_eyes_tell_people_apart(eyes: str) -> None:
    """No two of the eight colours are closer to any eyes than the closest two of Okabe and Ito's to theirs."""
    bar = min(closest(OKABE_ITO, one) for one in EYES)
    assert closest([fill for fill, _ in PALETTE], eyes) > bar


@pytest.mark.parametrize(("fill", "ink"), PALETTE)
def test_names_can_be_read_on_every_colour(fill: str, ink: str) -> None:
    """What is written on a block has the contrast of AA."""
    lighter, darker = sorted((light(fill), light(ink)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_first_eight_differ_in_colour_and_all_in_look() -> None:
    """Past eight people a pattern tells them apart; thirty-two people look all different."""
    found = looks(people(*(f"person{number:02}" for number in range(40))))
    assert len({look.fill for look in list(found.values())[:8]}) == 8
    assert len(set(list(found.values())[:32])) == 32
    assert len(found) == 40


def test_a_look_goes_by_the_name() -> None:
    """The order in which people are met does not matter, and meeting somebody twice neither."""
    assert looks(people("b", "a", "b")) == looks(people("a", "b"))
