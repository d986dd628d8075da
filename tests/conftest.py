"""How hard the property tests try: a little on every run, much harder on demand.

`pytest --hypothesis-profile=thorough` searches anew each time and remembers what
failed; the everyday profile takes the same examples every time.
"""

from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code.
settings.register_profile(
    "everyday",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", settings.get_profile("everyday"), max_examples=2_000, derandomize=False
)
settings.load_profile("everyday")
