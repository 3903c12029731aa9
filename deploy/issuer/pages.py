"""The issuer's one page, in German, for whoever tries KIM out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.issuer.identities import Identity

_templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)


def sign_in(people: Sequence[Identity], asked: Mapping[str, str]) -> str:
    """A button for each person; pressed, it sends `asked` and the person's name. Without `asked`: a list to read."""
    return _templates.get_template("page.html").render(people=people, asked=asked)
