"""The monthly statement as a page to print, in German and English. The same bytes for the same statement."""

from io import BytesIO

from services.interpreter.statements import Statement, StatementLine

_HEAD = (
    "Tag / Day",
    "Position / Item",
    "Menge / Quantity",
    "Preis / Price",
    "EUR",
    "Regel / Rule",
    "Auftrag / Job",
    "Zusage / Accepted",
)
_ITEMS = {
    "base": "Grundbetrag / base fee",
    "started_units": "Begonnene Einheiten / started units",
    "travel": "Fahrt / travel",
    "late_cancellation": "Späte Absage / late cancellation",
    "erased": "Gelöschte Vorgänge / erased talks",
}
_WAYS = {
    "signed_in": "angemeldet / signed in",
    "mailed_link": "Link, gesendet / mailed link",
    "handed_link": "Link der Verwaltung / administrator's link",
}


def as_pdf(made: Statement) -> bytes:
    """ReportLab is imported here, so that a process that makes no statement does not carry it."""
    from reportlab.lib.pagesizes import A4, landscape  # noqa: PLC0415
    from reportlab.lib.styles import getSampleStyleSheet  # noqa: PLC0415
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table  # noqa: PLC0415

    title = f"Abrechnung Sprachmittlung / Interpreting statement {made.month:%Y-%m}"
    styles, page = getSampleStyleSheet(), BytesIO()
    rows = [
        list(_HEAD),
        *(_row(line) for line in made.lines),
        ["", "Summe / Total", "", "", str(made.total), "", "", ""],
    ]
    document = SimpleDocTemplate(page, pagesize=landscape(A4), title=title, author="KIM", invariant=1, lang="de")
    document.build(
        [
            Paragraph(title, styles["Title"]),
            Paragraph(str(made.interpreter_id), styles["Normal"]),
            Table(rows, repeatRows=1, style=[("FONTSIZE", (0, 0), (-1, -1), 7), ("ALIGN", (2, 0), (4, -1), "RIGHT")]),
        ]
    )
    return page.getvalue()


def _row(line: StatementLine) -> list[str]:
    quantity = "" if line.quantity is None else f"{line.quantity} x {line.unit}"
    price = "" if line.unit_price is None else str(line.unit_price)
    day = line.day.isoformat() if line.day else ""
    return [
        day,
        _ITEMS[line.item],
        quantity,
        price,
        str(line.amount),
        line.rule,
        str(line.assignment_id or ""),
        _WAYS.get(line.accepted, ""),
    ]
