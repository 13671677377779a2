"""What is around a refund: the store, files, the configuration, mail, the command line."""

from __future__ import annotations

from backend_client.domain.problem import Kind, MoneyMoved, Problem, Retry

R, U, A = Kind.REFUSED, Kind.USAGE, Kind.UNAVAILABLE

ROWS = (
    # unavailable
    Problem(
        "store-locked",
        A,
        "Another program has held the store for {seconds} s.",
        "Try again; nothing was changed.",
        retry=Retry.NOW,
    ),
    Problem(
        "store-read-only",
        A,
        "The store cannot be written to ({store}).",
        "Check the permissions of the file and its folder, the disk, and that the store was not "
        "asked for with ?mode=ro.",
    ),
    Problem(
        "store-not-closed",
        A,
        "The store was not closed by who wrote to it last, or somebody has it open, and its last "
        "changes cannot be read without writing beside it; it is too large to be copied, or "
        "changes meanwhile ({store}).",
        "Open it once where it can be written to, or copy it with the file {store}-wal to such a "
        "place.",
    ),
    Problem(
        "store-older",
        A,
        "The store was made by an earlier version, and it cannot be brought up to date because it "
        "cannot be written to ({store}).",
        "Open it once where it can be written to, or copy it to such a place.",
    ),
    Problem(
        "store-unreadable",
        A,
        "This user may not read the store ({store}).",
        "Check the file's permissions.",
    ),
    Problem(
        "store-corrupt",
        A,
        "The store is damaged ({detail}).",
        "Stop, keep the file, and restore a backup.",
    ),
    Problem(
        "store-newer",
        A,
        "The store was made by a newer version ({found}, this is {known}).",
        "Install the newer ticket-window.",
    ),
    Problem(
        "store-behind",
        A,
        "The store ends at record {have}, but {had} were written: an older copy was put back, or "
        "its log was cut.",
        "Put the newest copy back, or let a supervisor go on from this one: "
        "audit restored --note TEXT.",
    ),
    Problem(
        "store-not-behind",
        A,
        "The store is as far as it ever was.",
        "There is nothing to go on from.",
    ),
    Problem(
        "store-full",
        A,
        "The disk is full.",
        "Free some space; nothing was changed.",
        retry=Retry.NOW,
    ),
    Problem(
        "sqlite-too-old",
        A,
        "SQLite {found} is too old for a store; {needed} or newer is needed.",
        "Install a newer Python or SQLite.",
    ),
    Problem(
        "store-refused",
        A,
        "A guard of the store refused this ({detail}). Nothing was changed.",
        "Read the booking again; if it is refused again, call whoever looks after the store.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "store-gone",
        A,
        "The store has vanished ({store}).",
        "Check the disk. Nothing more is written until it is back.",
    ),
    Problem(
        "store-unsupported",
        U,
        "{store} is not a store this version can open.",
        "Use sqlite:///path/to/store.db.",
    ),
    Problem(
        "audit-key-missing",
        A,
        "The audit key of this store is missing, or this user may not read it ({path}).",
        "Put the key file back, or check its permissions; nothing is written without it.",
    ),
    Problem(
        "settling-held",
        A,
        "{holder} is already sending for this store, until {until} unless it goes on.",
        "It sends what waits by itself, as every open window does: look again in a moment. "
        "settle --watch waits for its turn.",
        retry=Retry.NOW,
    ),
    Problem(
        "export-unreadable",
        U,
        "{file}, line {line}: {reason}.",
        "Export again with reference, amount in the smallest unit, currency and state.",
    ),
    Problem(
        "import-refused",
        R,
        "{file}, line {line}: {field}: {reason}.",
        "Nothing of this file was kept. Mend it and import again.",
    ),
    Problem(
        "import-interrupted",
        R,
        "{file} was not checked to its end: the process that read it from line {line} on is gone.",
        "Nothing of this file was kept; import it again.",
        retry=Retry.NOW,
    ),
    Problem("config-invalid", U, "{path}: {detail}.", "Mend the configuration file."),
    Problem(
        "config-red",
        U,
        "Mistakes in the configuration: {count}.",
        "Mend what is listed, then check again.",
    ),
    Problem(
        "provider-misconfigured",
        U,
        "Provider {provider}: {detail}.",
        "Mend the configuration file; config check shows all of it.",
    ),
    Problem(
        "environment-mixed",
        U,
        "Provider {provider} is not for a {environment} house: {detail}.",
        "Never mix test and live: put the right address and key in place.",
    ),
    Problem(
        "secret-missing",
        U,
        "There is no secret {name}.",
        "Put it into {path}, readable by its owner alone, or into the keyring.",
    ),
    Problem(
        "secret-exposed",
        U,
        "The secret in {path} cannot be trusted: {why}.",
        "Make it a file that only its owner can read, and change the key at the provider.",
    ),
    Problem(
        "secret-unusable",
        U,
        "The secret {name} is not one line of plain letters.",
        "Write it again, as the provider gave it.",
    ),
    # mail
    Problem(
        "mail-off",
        U,
        "This house sends no mail.",
        "Write a [mail] section into the configuration file to have it sent.",
    ),
    Problem(
        "mail-server",
        A,
        "The mail server {host} cannot be used: {detail}.",
        "The mail waits and refunds are as they were; try again later.",
        retry=Retry.NOW,
    ),
    Problem(
        "mail-login",
        A,
        "The mail server {host} does not let us in: {detail}.",
        "Mend user or secret in the configuration; the mail waits and refunds are as they were.",
    ),
    # the command line
    Problem("usage", U, "{detail}.", "See {command} --help."),
    Problem(
        "file-not-written",
        A,
        "{path} could not be written: {why}.",
        "Open the window in a folder you may write to, or have it printed: {program} {command}.",
    ),
    Problem(
        "terminal-needed",
        U,
        "The window needs a terminal to draw on, and this is none.",
        "Use the commands instead: {program} --help lists them.",
    ),
    Problem(
        "demo-directory",
        R,
        "{path} holds something else than a practice venue.",
        "Name an empty or new directory with --dir.",
    ),
    Problem(
        "internal",
        A,
        "Something unexpected went wrong ({detail}).",
        "Look the booking up again before doing anything else.",
        money_moved=MoneyMoved.UNKNOWN,
        retry=Retry.AFTER_REREAD,
    ),
)
del R, U, A
