"""What no Connect system can be asked for, each refused with the reason the screens show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NoReturn

from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused

NO_RUNS, NO_CHANGES = "connect-no-runs", "connect-no-changes"
NO_ACCOUNTS, NOT_HERE = "connect-no-accounts", "connect-not-here"


def _refused(action: Action, code: str) -> Callable[..., NoReturn]:
    """A method of the `Backend` protocol that is refused with `code`, whatever it is asked."""

    def refuse(self: NotThere, caller: Caller, *_asked: object, **_more: object) -> NoReturn:
        with self._answering(caller, action.value) as known:
            may(known, action)
        raise Refused(code)

    return refuse


class NotThere(ABC):
    """Who may not even ask is told so first, as everywhere."""

    @abstractmethod
    def _answering(
        self, caller: Caller, asked: str, *, anybody: bool = False
    ) -> AbstractContextManager[Caller]: ...

    # ------------------------------------------------------------ done is done

    preview_method_change = _refused(Action.CHANGE_METHOD, NO_CHANGES)
    execute_method_change = _refused(Action.CHANGE_METHOD, NO_CHANGES)
    give_number = _refused(Action.CHANGE_METHOD, NO_CHANGES)
    preview_retry = _refused(Action.CHANGE_METHOD, NO_CHANGES)
    preview_hand_over = _refused(Action.CHANGE_METHOD, NO_CHANGES)
    execute_hand_over = _refused(Action.CHANGE_METHOD, NO_CHANGES)

    # ------------------------------------------------------------ kept elsewhere

    take_sale_payment = _refused(Action.TAKE_SALE_PAYMENT, NOT_HERE)
    credit = _refused(Action.LOOK_UP, NO_ACCOUNTS)
    spend_credit = _refused(Action.SPEND_CREDIT, NO_ACCOUNTS)
    reconcile = _refused(Action.RECONCILE, NOT_HERE)
    accept_refund = _refused(Action.RESOLVE, NOT_HERE)
    import_bookings = _refused(Action.IMPORT, NOT_HERE)
    send_mail = _refused(Action.LOOK_UP, "mail-off")

    # ------------------------------------------------------------ mass runs

    performances = _refused(Action.BROWSE, NO_RUNS)
    simulate_cancellation = _refused(Action.SIMULATE_CANCELLATION, NO_RUNS)
    simulate_dispatch = _refused(Action.SIMULATE_DISPATCH, NO_RUNS)
    differences = _refused(Action.READ_RUNS, NO_RUNS)
    go_live = _refused(Action.READ_RUNS, NO_RUNS)
    approve_run = _refused(Action.APPROVE_RUN, NO_RUNS)
    resume_run = _refused(Action.READ_RUNS, NO_RUNS)
    stop_run = _refused(Action.STOP_RUN, NO_RUNS)
    end_run = _refused(Action.READ_RUNS, NO_RUNS)
    runs = _refused(Action.READ_RUNS, NO_RUNS)
    run = _refused(Action.READ_RUNS, NO_RUNS)
    run_items = _refused(Action.READ_RUNS, NO_RUNS)
    export_run = _refused(Action.READ_RUNS, NO_RUNS)
