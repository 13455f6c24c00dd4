"""Whose clock is meant: by what it shows, or by the name of a place."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.people.zones import known_zone
from bot.reach import places

WINTER = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)


def test_offered_are_an_hour_less_the_own_and_an_hour_more():
    found = places.likely(WINTER, "Europe/Berlin")

    assert [places.shown_time(zone, WINTER) for zone in found] == ["12:00", "13:00", "14:00"]
    assert found[1] == "Europe/Berlin"
    assert all(zone.startswith("Europe/") for zone in found)


def test_every_city_can_be_kept_named_and_found():
    """A button holds 64 bytes, nine of them for its signature."""
    zones = [place.zone for place in places.places()]

    assert len(zones) > 400
    for zone in zones:
        assert known_zone(zone, "zone") == zone
        assert zone in places.named(zone, "en")
        assert places.city(zone, "ar")
        assert len(f"rt:z:{zone}") + 9 <= 64


@pytest.mark.parametrize(
    ("written", "language", "zone"),
    [
        ("Tokyo", "en", "Asia/Tokyo"),
        ("東京", "zh-Hant", "Asia/Tokyo"),
        ("القاهرة", "ar", "Africa/Cairo"),
        ("Alemania", "es", "Europe/Berlin"),
        ("berlín", "es", "Europe/Berlin"),
        ("Lisbonn", "en", "Europe/Lisbon"),
        ("काठमांडू", "hi", "Asia/Kathmandu"),
        ("カトマンズ", "ja", "Asia/Kathmandu"),
        ("Kiew", "de", "Europe/Kyiv"),
    ],
)
def test_places_are_known_in_the_readers_language_and_nearly_spelled(
    written: str, language: str, zone: str
):
    assert places.named(written, language)[0] == zone


def test_a_city_whose_zone_was_renamed_is_called_what_its_readers_call_it():
    assert places.city("Asia/Kolkata", "hi") == "कोलकाता"
    assert places.city("America/Argentina/Buenos_Aires", "ar") == "بوينوس أيرس"


def test_what_is_no_place_gives_nothing():
    assert places.named("Xyzzyville", "en") == []
    assert places.named("  ", "en") == []


def test_a_time_leads_to_the_offset_of_clocks_that_show_it():
    """17:30 at 12:00 UTC is five and a half hours ahead; nobody's clock shows 12:20."""
    assert places.offset_at(WINTER, time(17, 32)) == timedelta(hours=5, minutes=30)
    assert places.offset_at(WINTER, time(12, 20)) is None


def test_every_offset_has_a_city():
    for offset in places.all_offsets(WINTER):
        zones = places.zones_at(WINTER, offset, "UTC")
        assert zones
        assert {places.offset_of(zone, WINTER) for zone in zones} == {offset}
