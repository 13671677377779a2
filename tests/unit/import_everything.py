"""Import every module of the installed packages; run by hand or in a clean environment."""

from __future__ import annotations

import importlib
import pkgutil

PACKAGES = ("tui", "backend_client", "themes")


def module_names() -> list[str]:
    names: list[str] = []
    for package_name in PACKAGES:
        package = importlib.import_module(package_name)
        names.append(package_name)
        found = pkgutil.walk_packages(package.__path__, prefix=f"{package_name}.")
        names.extend(module.name for module in found if not module.name.endswith("__main__"))
    return names


if __name__ == "__main__":
    everything = module_names()
    for name in everything:
        importlib.import_module(name)
    print(f"{len(everything)} modules imported")
