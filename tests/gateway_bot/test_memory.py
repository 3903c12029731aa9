"""Memory that forgets."""

from services.gateway_bot.memory import Memory


def test_what_is_kept_is_forgotten_when_its_time_is_over() -> None:
    moments = [0.0]
    memory = Memory[str](30, 10, lambda: moments[0])
    memory.put(1, "one")
    moments[0] = 20
    memory.put(2, "two")
    moments[0] = 30
    assert (memory.get(1), memory.get(2)) == (None, "two")


def test_each_turn_begins_its_time_anew() -> None:
    moments = [0.0]
    memory = Memory[str](30, 10, lambda: moments[0])
    for moment in (0, 20, 40):
        moments[0] = moment
        memory.put(1, "one")
    assert memory.get(1) == "one"


def test_the_oldest_goes_where_there_are_too_many() -> None:
    memory = Memory[str](30, 2)
    for chat in (1, 2, 3):
        memory.put(chat, str(chat))
    assert [memory.get(chat) for chat in (1, 2, 3)] == [None, "2", "3"]
