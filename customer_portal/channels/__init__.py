"""Ways to reach a customer. Every module here that defines a ``Channel`` is found by itself."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
	importlib.import_module(f"{__name__}.{_module.name}")
