"""Tests in a real JupyterLab, driven by a real browser as a reader would drive it."""
