"""Children that die alone: one server imports everything once, each child is its fork."""

from __future__ import annotations

import multiprocessing

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["pytest", "tests.faults.crash_child", "tests.faults.siege"])
