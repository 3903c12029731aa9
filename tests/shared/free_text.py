"""Texts as people write them: nothing outside the vault may take one, be it a column or a field of an event."""

FREE = (
    "Selam",
    "Selam Tesfay",
    "tesfay, selam",
    "selam tesfay",
    "Ümit Öztürk",
    "ሰላም ተስፋይ",
    "selam@example.org",
    "+49 1511 2345678",
    "491511234567890",
    "01511/2345678",
    "Adi Keyh 5, 46535",
    "She said: no.",
    "Er sagt, es geht nicht.\nWirklich.",
    "%20name",
    "U2VsYW0gVGVzZmF5",
)
