"""The development bench: what ``make demo``, ``make test``, ``make bench`` and ``make stop`` call."""
