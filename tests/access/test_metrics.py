"""What operators see of a service: how long, how many and what waits, by coded labels alone."""

from prometheus_client.parser import text_string_to_metric_families

from shared.auth import Role
from tests.access.conftest import Start
from tests.access.house import Running

CANARY = "Zanetta-Kanari"


async def metrics(running: Running) -> dict[tuple[str, ...], float]:
    """(name, label values ...) -> value."""
    token = running.token(Role.ADMINISTRATOR, {})
    answer = (await running.client.get("/metrics", headers=token)).raise_for_status()
    families = text_string_to_metric_families(answer.text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


async def test_a_request_is_counted_under_the_template_of_its_route(start: Start) -> None:
    running = await start("intake")
    scene = await running.scene()
    mine = ("kim_request_seconds_count", "GET", "/enquiries/{enquiry_id}", "200")
    before = (await metrics(running)).get(mine, 0)
    token = running.token(Role.PARTICIPANT, scene.owners.claims(Role.PARTICIPANT))
    await running.client.get(f"/enquiries/{scene.owners.enquiry}", headers=token)
    assert (await metrics(running))[mine] == before + 1


async def test_nothing_that_a_client_sent_becomes_a_label(start: Start) -> None:
    running = await start("intake")
    headers = {"User-Agent": CANARY, "X-Request-Id": CANARY}
    for method, path in [("GET", f"/{CANARY}"), ("PROPFIND", "/enquiries"), ("GET", f"/enquiries/{CANARY}")]:
        answer = await running.client.request(method, path, headers=headers, params={CANARY: CANARY})
        assert answer.is_client_error
    found = await metrics(running)
    assert ("kim_request_seconds_count", "GET", "none", "404") in found
    assert ("kim_request_seconds_count", "other", "/enquiries", "405") in found
    assert CANARY.lower() not in str(found).lower()


async def test_what_waits_to_be_sent_is_counted(start: Start) -> None:
    running = await start("intake")
    await running.scene()
    rows = await running.db.pool.fetchval("select count(*) from outbox")
    assert (await metrics(running))["kim_rows_waiting", "outbox"] == rows > 0
