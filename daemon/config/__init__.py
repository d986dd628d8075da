"""levelwatch.toml: finding it, reading it, checking it, and saying what is wrong."""

from daemon.config.load import FILE_NAME, Config, find_config, load_config

__all__ = ["FILE_NAME", "Config", "find_config", "load_config"]
