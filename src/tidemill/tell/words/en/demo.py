"""Words: the story that `tidemill demo` tells."""

from __future__ import annotations

CODES = {
    # Chapters
    "demo.shop": ("A shop", ""),
    "demo.first": ("Its first model", ""),
    "demo.serving": ("It serves, and a day of the shop passes every {seconds:g} s", ""),
    "demo.mistake": ("A mistake in the training code", ""),
    "demo.change": ("The shop changes", ""),
    "demo.paper": ("A version that is good on paper only", ""),
    # Lines
    "demo.made": (
        "{file}: {customers:,} customers, {products} products, {events:,} views, clicks and purchases of {days} days.",
        "",
    ),
    "demo.simulated": (
        "All of it is simulated: no person, product or order is real. What follows is the product itself at work.",
        "",
    ),
    "demo.gate": ("{check}: {value:.4g}[[ ({low:.4g} to {high:.4g})]]", ""),
    "demo.serves": ("Customers ask {url}; every answer is written down before it is given.", ""),
    "demo.shuffled": ("system.py is edited: the labels are shuffled against their rows. `tidemill run`, by hand:", ""),
    "demo.evening": (
        "Meanwhile system.py is edited: `is_weekend` now looks into a table of hours that ends at seven in the evening. `tidemill run`, by hand:",
        "",
    ),
    "demo.message": ("A message about it went to the team.", ""),
    "demo.sold": (
        "While both answered, {version} sold something it had shown to {share:.0%} of {customers:,} customers.",
        "",
    ),
    "demo.unharmed": (
        "{answers:,} answers that {version} failed to give came from the champion instead; {failed:,} requests failed.",
        "",
    ),
    # Where to look
    "demo.place-folder": ("all of it is there", ""),
    "demo.place-status": ("how things stand", ""),
    "demo.place-answer": ("where an answer comes from", ""),
    "demo.place-refused": ("why a version was refused", ""),
    "demo.place-up": ("go on, at the machine's pace", ""),
    "demo.place-curl": ("ask it", ""),
    "demo.place-files": ("declared, sold, sent, said, kept", ""),
}
