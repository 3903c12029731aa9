from collections import defaultdict
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from services.coordination.suppression import LEAST, Counts, suppress

COUNTS = st.dictionaries(st.sampled_from(["ti", "am", "so", "kmr", "prs", "uk"]), st.integers(0, 12))


def test_large_counts_are_shown_with_their_total() -> None:
    assert suppress({"ti": 7, "am": 5}) == Counts({"ti": 7, "am": 5}, 0, 12)


def test_several_small_counts_are_shown_as_one_sum() -> None:
    assert suppress({"ti": 7, "am": 2, "so": 3}) == Counts({"ti": 7}, 5, 12)


def test_one_small_count_takes_the_smallest_large_one_with_it() -> None:
    assert suppress({"ti": 9, "am": 6, "so": 1}) == Counts({"ti": 9}, 7, 16)


def test_a_small_count_alone_hides_everything() -> None:
    assert suppress({"so": 1}) == Counts({}, None, None)


@given(COUNTS)
def test_no_count_under_five_is_published(counts: dict[str, int]) -> None:
    published = suppress(counts)
    assert all(published.shown[key] == counts[key] >= LEAST for key in published.shown)
    assert published.others is None or published.others == 0 or published.others >= LEAST
    assert published.total in {None, sum(counts.values())}


@given(COUNTS)
def test_what_adds_up_hides_nothing_small(counts: dict[str, int]) -> None:
    published = suppress(counts)
    if published.total is not None and published.others:
        hidden = [n for key, n in counts.items() if n and key not in published.shown]
        assert len(hidden) > 1
        assert sum(hidden) == published.others == published.total - sum(published.shown.values())


def test_nobody_who_knows_the_rule_can_work_out_a_small_count() -> None:
    """All tables of three counts: whatever is published, a hidden small count could have been another."""
    possible = defaultdict(list)
    for counts in product(range(10), repeat=3):
        published = suppress(dict(zip("abc", counts, strict=True)))
        possible[tuple(sorted(published.shown.items())), published.others, published.total].append(counts)
    for (shown, _, _), tables in possible.items():
        for place, key in enumerate("abc"):
            values = {table[place] for table in tables}
            if key not in dict(shown) and values & set(range(1, LEAST)):
                assert len(values) > 1, (shown, tables)
