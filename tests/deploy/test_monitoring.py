"""Alerts and dashboard ask for metrics that there are, by labels that they have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

import services.coordination.reactions  # noqa: F401
import shared.metrics  # noqa: F401 - both, and what they import, register what they measure
from deploy.stack.settings import PORTS, ROOT

FOLDER = ROOT / "deploy" / "monitoring"
NAME = re.compile(r"\b(?:kim|process)_[a-z_]+\b")


def queries() -> Iterator[str]:
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for panel in json.loads((FOLDER / "dashboard.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_each_query_asks_for_metrics_that_there_are() -> None:
    suffixes = ("", "_total", "_bucket", "_count", "_sum")
    there = {family.name + suffix for family in REGISTRY.collect() for suffix in suffixes}
    asked = {name for query in queries() for name in NAME.findall(query)}
    assert asked
    assert asked <= there


def test_every_service_with_a_database_is_watched_at_its_port() -> None:
    [job] = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    watched = {each["labels"]["service"]: each["targets"] for each in job["static_configs"]}
    assert watched == {
        path.parent.name: [f"127.0.0.1:{PORTS[path.parent.name]}"] for path in Path(ROOT, "services").glob("*/schema")
    }
