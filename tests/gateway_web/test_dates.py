"""Times as people in Berlin read them."""

from datetime import UTC, date, datetime

from services.gateway_web import dates
from services.gateway_web.texts import CATALOGUES

DE, EN = CATALOGUES["de"], CATALOGUES["en"]


def test_a_day_is_written_out() -> None:
    assert dates.day(DE, date(2026, 3, 3)) == "Dienstag, 3. März 2026"
    assert dates.day(EN, date(2026, 3, 3)) == "Tuesday 3 March 2026"


def test_a_short_day_is_the_usual_one() -> None:
    assert dates.short_day(DE, date(2026, 3, 3)) == "03.03.2026"
    assert dates.short_day(EN, date(2026, 3, 3)) == "3 March 2026"


def test_a_span_is_in_the_time_of_berlin_in_winter_and_in_summer() -> None:
    winter = dates.span(DE, datetime(2026, 12, 1, 7, 30, tzinfo=UTC), datetime(2026, 12, 1, 8, 30, tzinfo=UTC))
    summer = dates.span(EN, datetime(2026, 7, 1, 7, 30, tzinfo=UTC), datetime(2026, 7, 1, 8, 30, tzinfo=UTC))
    assert winter == "Dienstag, 1. Dezember 2026, 08:30 bis 09:30 Uhr"
    assert summer == "Wednesday 1 July 2026, 09:30 to 10:30"


def test_a_span_over_midnight_names_the_day_on_which_it_ends() -> None:
    night = datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)
    assert dates.span(DE, *night) == "Samstag, 24. Oktober 2026, 22:00 Uhr bis 25.10.2026, 08:00 Uhr"
    assert dates.span(EN, *night) == "Saturday 24 October 2026, 22:00 to 25 October 2026, 08:00"


def test_a_moment_after_midnight_in_berlin_is_of_the_next_day() -> None:
    assert dates.moment(DE, datetime(2026, 11, 24, 23, 30, tzinfo=UTC)) == "25.11.2026, 00:30 Uhr"
