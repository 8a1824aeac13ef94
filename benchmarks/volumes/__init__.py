"""Adrenal glands: three nets beside what measures shape."""
