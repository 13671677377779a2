"""Who asks: signing in, operators, and the tokens of programs."""

from __future__ import annotations

from backend_client.domain.problem import Kind, Problem

R, U, N = Kind.REFUSED, Kind.USAGE, Kind.NOT_FOUND

ROWS = (
    Problem(
        "sign-in-needed",
        R,
        "This store knows its operators, and nobody who may ask this has signed in.",
        "Sign in with your name and PIN: --operator NAME at the command line.",
    ),
    Problem(
        "sign-in-refused",
        R,
        "This name and this PIN do not belong together.",
        "Type them again. An admin can give you a new PIN.",
    ),
    Problem(
        "sign-in-locked",
        R,
        "Too many wrong PINs: nobody signs in by this name before {at}.",
        "Wait, or have an admin give you a new PIN.",
    ),
    Problem(
        "pin-required",
        U,
        "{operator} signs in with a PIN, and there is no terminal to ask for it.",
        "Give it with --pin-stdin, or keep it as the secret {secret}.",
    ),
    Problem("pin-form", U, "A PIN has 4 to 12 digits.", "Choose another one."),
    Problem(
        "pin-trivial",
        U,
        "This PIN is among the first anybody would try, or is the one you had.",
        "Choose another one: no equal steps (1234, 2468, 9630), nothing repeated (1111, 1212, "
        "1122).",
    ),
    Problem("pin-differs", U, "The two PINs typed are not the same.", "Type them again."),
    Problem("operator-known", R, "There is an operator {name} already.", "Choose another name."),
    Problem("operator-unknown", N, "There is no operator {name}.", "operators list names them."),
    Problem(
        "first-operator-admin",
        R,
        "The first operator must be an admin: nobody else could let others in.",
        "Use --role admin.",
    ),
    Problem(
        "accounts-without-store",
        N,
        "There is no store at {store}: operators and tokens are kept in one.",
        "The first import of bookings makes it: {program} import FILE. Name one that is there with "
        "--store, or by its settings with --config.",
    ),
    Problem(
        "last-admin",
        R,
        "{name} is the last admin who can sign in.",
        "Make somebody else an admin first.",
    ),
    Problem(
        "limits-in-settings",
        R,
        "Limits are those of the settings here; admins set them where operators sign in.",
        "Change the settings, or have operators sign in first.",
    ),
    Problem(
        "limit-invalid",
        U,
        "{name} is a whole number from 0 to {most}, and only some limits are none.",
        "Give another value.",
    ),
    Problem(
        "limit-nothing-waits",
        R,
        "No change of {name} waits to be confirmed.",
        "Look at the limits.",
    ),
    Problem(
        "limit-own",
        R,
        "{operator} asked for this change of {name}; another admin confirms it.",
        "Ask another admin.",
    ),
    Problem(
        "limit-differs",
        R,
        "Another change of {name} waits by now; nothing was confirmed.",
        "Look at the limits again.",
    ),
    Problem(
        "client-known",
        R,
        "There is a client {name} with a token already.",
        "Choose another name, or revoke its token first.",
    ),
    Problem(
        "client-unknown",
        N,
        "There is no client {name} with a token.",
        "clients list names them.",
    ),
    Problem("name-invalid", U, "A name is plain text of 1 to 80 letters.", "Choose another name."),
    Problem(
        "scope-contradicts",
        U,
        "A token for runs cannot be kept to some bookings, parts or amounts.",
        "Leave {words} out, or what narrows the token.",
    ),
    Problem(
        "not-in-scope",
        R,
        "The token of {operator} does not reach this ({what}).",
        "Ask an admin for a token that does.",
    ),
    Problem(
        "token-missing", R, "This needs a token.", "Send it with each call; an admin makes one."
    ),
    Problem("token-unknown", R, "This token is not known here.", "Ask an admin for one."),
    Problem("token-revoked", R, "This token was revoked.", "Ask an admin for another one."),
    Problem(
        "token-expired",
        R,
        "This token was good until {at}.",
        "Ask an admin for another one.",
    ),
)
del R, U, N
