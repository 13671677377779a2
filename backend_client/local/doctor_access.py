"""What must hold of operators and clients: nothing kept plain, somebody left to look after them."""

from __future__ import annotations

from backend_client.domain.kinds import LineKind
from backend_client.domain.scopes import ScopeWord
from backend_client.local.doctor_checks import SqlCheck
from backend_client.local.triggers import in_list

ACCESS_CHECKS = (
    SqlCheck(
        "pins",
        "Every PIN is kept as an Argon2id hash",
        """
        SELECT 'operator ' || name || ': the PIN is not kept as a hash' FROM operator
        WHERE pin_hash NOT LIKE '$argon2id$v=%$m=%,t=%,p=%$%$%' OR length(pin_hash) < 60""",
    ),
    SqlCheck(
        "admins",
        "Where operators sign in, an admin can",
        """
        SELECT 'no operator is an admin who may sign in' WHERE EXISTS (SELECT 1 FROM operator)
          AND NOT EXISTS (SELECT 1 FROM operator WHERE role = 'admin' AND disabled = 0)""",
    ),
    SqlCheck(
        "limits",
        "A limit that needed a second admin was confirmed by another one",
        """
        SELECT 'limit ' || name || ': nobody but ' || set_by || ' said yes' FROM house_limit
        WHERE needs_second AND confirmed_by <> '' AND lower(confirmed_by) = lower(set_by)""",
    ),
    SqlCheck(
        "names",
        "A name belongs to one person or to one program",
        """
        SELECT 'the name ' || o.name || ' belongs to an operator and to a client'
        FROM operator o WHERE o.name_key IN (SELECT name_key FROM api_client)""",
    ),
    SqlCheck(
        "tokens",
        "Every token is kept as a hash, with a scope that can be read",
        f"""
        SELECT 'client ' || name || ': the token is not kept as a hash' FROM api_client
        WHERE length(token_hash) <> 64 OR token_hash GLOB '*[^0-9a-f]*'
        UNION ALL
        SELECT 'client ' || name || ': its scope has ' || COALESCE(word.value, 'no words')
        FROM api_client c LEFT JOIN json_each(c.scope, '$.words') word
        WHERE json_type(c.scope, '$.words') IS NOT 'array'
          OR word.value NOT IN {in_list(ScopeWord)}
        UNION ALL
        SELECT 'client ' || name || ': its scope has the part ' || part.value
        FROM api_client c JOIN json_each(c.scope, '$.parts') part
        WHERE part.value NOT IN {in_list(LineKind)}
        UNION ALL
        SELECT 'client ' || name || ': its scope does not say ' || needed.value
        FROM api_client c
        JOIN json_each('["sites","channels","own_only","parts","limit_minor"]') needed
        WHERE NOT EXISTS (SELECT 1 FROM json_each(c.scope) told WHERE told.key = needed.value)""",
    ),
)
