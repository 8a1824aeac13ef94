"""One loop, one file per source of data, one file per checkpoint."""
