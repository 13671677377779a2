"""What a house says of its mail: plain values, no secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from backend_client.domain.mail import usable_address
from backend_client.settings_table import Mistake, Table

LANGUAGES = ("en", "fr")
ENCRYPTIONS = ("starttls", "tls", "none")
LARGEST_PORT = 65_535
LONGEST_WAIT_S = 600


@dataclass(frozen=True, slots=True)
class MailSettings:
    """No mail for refunds older than `start`; `user` logs in with the secret `mail.<environment>`.

    `certificates` is a file of authorities to trust instead of the system's.
    """

    start: date
    sender: str
    host: str
    port: int = 587
    encryption: str = "starttls"
    user: str = ""
    reply_to: str = ""
    language: str = "en"
    certificates: str = ""
    timeout_s: int = 60

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


def is_this_machine(host: str) -> bool:
    """Does this name mean this very machine, whatever the network says?"""
    if host == "localhost":
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_mail(table: Table) -> MailSettings:
    """The table `mail`; raises `Mistake`."""
    start = table.take("start", date, None, "a date like 2026-11-22")
    if start is None or isinstance(start, datetime):
        raise Mistake(f"{table.place('start')} must be a date like 2026-11-22")
    mail = MailSettings(
        start=start,
        sender=usable_address(table.text("from", "")),
        host=table.text("host", ""),
        port=table.whole("port", 587),
        encryption=table.text("encryption", "starttls"),
        user=table.text("user", ""),
        reply_to=usable_address(reply_to := table.text("reply_to", "")),
        language=table.text("language", "en"),
        certificates=table.text("certificates", ""),
        timeout_s=table.whole("timeout_s", 60),
    )
    table.end()
    here = is_this_machine(mail.host)
    wrong = {
        "from": "must be one plain address" if not mail.sender else "",
        "reply_to": "must be one plain address" if reply_to and not mail.reply_to else "",
        "host": "must name the mail server" if not mail.host else "",
        "port": f"must be from 1 to {LARGEST_PORT}" if not 1 <= mail.port <= LARGEST_PORT else "",
        "encryption": _one_of(mail.encryption, ENCRYPTIONS),
        "language": _one_of(mail.language, LANGUAGES),
        "timeout_s": f"must be from 1 to {LONGEST_WAIT_S}"
        if not 1 <= mail.timeout_s <= LONGEST_WAIT_S
        else "",
        "user": "needs encryption" if mail.user and mail.encryption == "none" else "",
    }
    if mail.encryption == "none" and not here:
        wrong["encryption"] = "may be none on this machine alone"
    for name, why in wrong.items():
        if why:
            raise Mistake(f"{table.place(name)} {why}")
    return mail


def _one_of(value: str, known: tuple[str, ...]) -> str:
    return "" if value in known else f"must be one of {', '.join(known)}"
