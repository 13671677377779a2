"""What stands against a mass run."""

from __future__ import annotations

from backend_client.domain.problem import Kind, Problem, Retry

R, N = Kind.REFUSED, Kind.NOT_FOUND

ROWS = (
    # what it is told
    Problem(
        "performance-unknown",
        N,
        "There is no performance {performance}.",
        "List them with {program} performances.",
    ),
    Problem(
        "performances-of-two-events",
        R,
        "The performances belong to different events ({events}).",
        "Cancel each event in a run of its own.",
    ),
    Problem(
        "run-too-many-named",
        R,
        "{count} {what} were named; a run takes at most {most}.",
        "Leave some out, and give them to another run.",
    ),
    Problem(
        "run-filter-unknown",
        R,
        "Nothing this run could be about has {field} {value}.",
        "Check the spelling; known are {known}.",
    ),
    Problem(
        "run-booking-unknown",
        R,
        "No booking of these performances has the file number {value}.",
        "Check the number.",
    ),
    Problem(
        "run-contact-unknown",
        R,
        "There is no contact {value}.",
        "Check the contact's key.",
    ),
    Problem(
        "run-dates",
        R,
        "From {first} to {last} is not a range of days.",
        "Give the first day, then the last one.",
    ),
    # going live
    Problem("run-not-found", N, "There is no run {run}.", "List them with {program} runs."),
    Problem(
        "run-not-simulated",
        R,
        "Run {run} is no finished simulation ({state}).",
        "Simulate first, look at the totals, then go live with that simulation.",
    ),
    Problem(
        "run-used",
        R,
        "Simulation {run} was already carried out by run {live}.",
        "Look at run {live}, or simulate again.",
    ),
    Problem(
        "run-expired",
        R,
        "Simulation {run} was valid until {until}.",
        "Simulate again.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "run-changed",
        R,
        "{count} of the items changed since simulation {run}; nothing was done.",
        "Look at what changed, then simulate again.",
        retry=Retry.AFTER_REREAD,
    ),
    Problem(
        "run-scope-taken",
        R,
        "Run {other} works on the same ({operator}, {where}).",
        "Wait until it is done, or stop and end it first.",
    ),
    Problem(
        "run-nothing-to-do",
        R,
        "Simulation {run} has nothing to carry out.",
        "Look at its items: each says why.",
    ),
    Problem(
        "run-only-simulated",
        R,
        "Simulation {run} is no live run: there is nothing to go on with or to give up.",
        "Go live with it while it is valid, or simulate again.",
    ),
    Problem(
        "run-not-resumable",
        R,
        "Run {run} is {state}; only what was stopped, paused or left behind goes on.",
        "One that is live goes on by itself; of any other there is nothing to go on with.",
    ),
    Problem(
        "run-not-endable",
        R,
        "Run {run} is {state}; only what was stopped, paused or left behind can be given up.",
        "Stop one that is live first; of any other nothing is left to give up.",
    ),
    Problem(
        "run-not-running",
        R,
        "Run {run} is {state}; only what runs can be stopped.",
        "Nothing of it is under way.",
    ),
    Problem(
        "run-over-ceiling",
        R,
        "{what} is above what may go live unattended: {have}, the ceiling is {ceiling}.",
        "Look at simulation {run} and go live by hand.",
    ),
    # four eyes
    Problem(
        "approval-for-programs",
        R,
        "{operator} is a program: it starts only what a supervisor approved, and nobody approved "
        "simulation {run}. Nothing was done.",
        "Have a supervisor other than {maker} approve it: {program} runs {run} --approve.",
    ),
    Problem(
        "approval-required",
        R,
        "Simulation {run} moves {have}; above {limit} another supervisor must approve it first. "
        "Nothing was done.",
        "Have a supervisor other than {maker} approve it: {program} runs {run} --approve.",
    ),
    Problem(
        "approval-own",
        R,
        "{maker} made simulation {run}; nobody approves their own.",
        "Ask another supervisor.",
    ),
    Problem(
        "approval-by-nobody",
        R,
        "{operator} asked from where nobody looks; only a person approves.",
        "Look at it, and approve it in the window or at the command line.",
    ),
    Problem(
        "approval-differs",
        R,
        "Simulation {run} is not what was looked at; it was not approved.",
        "Look at it again, then approve it.",
        retry=Retry.AFTER_REREAD,
    ),
    # why an item is left out
    Problem(
        "group-outside",
        R,
        "What goes back together reaches outside the chosen performances ({sequences}).",
        "Give it back at the window.",
    ),
    Problem(
        "retained-currency",
        R,
        "What is kept back is no amount of this booking's currency.",
        "Give it back at the window, or keep back a percentage.",
    ),
    Problem(
        "nothing-sold",
        R,
        "Nothing of these performances is sold here any more ({states}).",
        "Nothing is to be done.",
    ),
    Problem(
        "no-card", R, "No card of this payer is left to take it.", "Credit it, or pay by hand."
    ),
    Problem(
        "credit-needs-person",
        R,
        "Nobody is known who could be credited.",
        "Ask the customer and pay it by hand.",
    ),
    Problem(
        "declined-as-refunded",
        R,
        "Its provider says it was given back already.",
        "Compare with the provider (reconcile), then decide by hand.",
    ),
    Problem(
        "item-changed",
        R,
        "It changed since the simulation; nothing was done.",
        "The next run takes it, if it is still due.",
    ),
)
