"""Names, events and prices of the practice venue: plain data, and people made from it."""

from __future__ import annotations

import unicodedata
from random import Random

from backend_client.domain.incoming import IncomingContact
from backend_client.domain.texts import clean_text


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = words("""
Anna Luca Marie Noah Emma Liam Sofia Leon Léa Matteo Laura Gabriel Julia Elias Nina David Chiara
Jonas Élodie Samuel Alina Tim Giulia Nils Sarah Fabio Céline Jan Lisa Marco Zoé Simon Elena Pascal
Claire Reto Ursula Beat Monika Urs Brigitte Hans Silvia Peter Verena Thomas Ruth Daniel Heidi René
Françoise Jean-Luc Chloé Yannick Ingrid Björn Søren Małgorzata Łukasz Zdeněk Ağça İlker Nguyễn Aoife
Siobhán José María Ángel Inês João Ana Dragan Milica Arben Blerta Fatima Youssef Aminata Kofi Priya
Rahul Mei Hiroshi Yuki Olga Dmitri Ivana Tomáš Réka László Ioana Andrei Sanna Mikko Freya Lars
""")
_LAST = words("""
Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner Baumann Frei
Zimmermann Moser Widmer Wyss Graf Roth Baumgartner Suter Bachmann Kunz Berger Favre Rochat Rossi
Bianchi Ferrari Bernasconi Fontana Crivelli Martin Dubois Girard Blanc Jaquet Bonvin Rey Perret
Chevalley Monnier Pittet Dupont Lambert O'Brien O'Neill Ó_Briain MacDonald van_den_Berg de_Vries
von_Arx de_la_Cruz García Fernández Silva Santos Pereira Kowalski Wójcik Novák Svoboda Nagy Szabó
Popescu Ionescu Jovanović Petrović Krasniqi Gashi Yılmaz Öztürk Şahin Haddad Benali Diallo Mensah
Sharma Patel Tanaka Suzuki Wang Li Nguyễn Trần Kim Park Ivanova Petrov Lindström Åkesson Virtanen
""")
_SYLLABLES = words("""
ber mann hof wil bach stein feld rüti egg graben tobler hal der lin gen eich moos tal wies acher
burg bühl loch rain stal zin güt buch sta kel fer bon val mon clair ville court ges ri gaz bel lac
""")
_ELSEWHERE = (
    "王小明", "李娜", "山田太郎", "鈴木さくら", "박서준", "이지은", "محمد خالد", "ليلى حسن",
    "יעל כהן", "Αλέξανδρος Παπαδόπουλος", "Екатерина Соколова", "สมชาย ใจดี",
)  # fmt: skip
_GROUPS = ("[group]", "(Abo)", "& Sons", "c/o Kulturverein", "[school]")
_MAIL = ("example.com", "example.org", "example.net", "mail.example", "post.example")

EVENTS = (
    "Hamlet",
    "Die Zauberflöte",
    "Le lac des cygnes",
    "Quatuor Ébène · Beethoven",
    "Carmen",
    "En attendant Godot",
    "Der Besuch der alten Dame",
    "La Traviata",
    "Romeo und Julia",
    "Giselle",
    "Matthäus-Passion",
    "Antigone",
    "Le malade imaginaire",
    "Jenůfa",
    "Nuit du jazz",
    "Faust I",
    "Così fan tutte",
    "Peer Gynt",
    "Nabucco",
    "Cendrillon",
    "Mahler · 5. Sinfonie",
    "Schwanensee für Kinder",
)
HALLS = ("Grosser Saal", "Kammerbühne", "Studio")
CATEGORIES = (("A", 6500), ("B", 4800), ("C", 3200), ("D", 1900))
TARIFFS = (
    ("0001", "Adult", 100),
    ("0002", "Senior", 85),
    ("0003", "Student", 50),
    ("0004", "Child", 40),
)
"""Code, name, percent of the category's price."""
SNACKS = (("75", "Small Pop Corn", 350), ("76", "Programme", 800), ("77", "Cüpli", 1100))


def somebody(rng: Random, number: int) -> IncomingContact:
    """Customer `number`; who it is depends on `rng` alone."""
    name, address = _name(rng)
    roll = rng.random()
    if roll < 0.004:
        name = f"{name} {rng.choice(_GROUPS)}"
    email = f"{address}{rng.randrange(1, 99)}@{rng.choice(_MAIL)}" if roll < 0.85 else ""
    prefix = rng.choice(("+41 79", "+41 76", "078", "044", "021", "+33 6"))
    phone = f"{prefix} {rng.randrange(1_000_000, 9_999_999)}" if 0.1 < roll < 0.8 else ""
    return IncomingContact(f"K{number:08d}", clean_text(name, 200), email, phone)


def _name(rng: Random) -> tuple[str, str]:
    """A name as it is written, and what of it stands in an e-mail address."""
    roll = rng.random()
    if roll < 0.01:
        return rng.choice(_ELSEWHERE), f"user{rng.randrange(10_000)}"
    first, last = rng.choice(_FIRST), _last_name(rng)
    if roll < 0.06:
        last = f"{last}-{_last_name(rng)}"
    shown = f"{last}, {first}" if roll > 0.9 else f"{first} {last}"
    return shown.replace("_", " "), _address(f"{first}.{last}")


def _address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum() or letter == ".")


def _last_name(rng: Random) -> str:
    """A known surname, or a likely one: a town has thousands of them."""
    if rng.random() < 0.5:
        return rng.choice(_LAST)
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((2, 2, 3)))).capitalize()
