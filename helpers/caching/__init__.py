"""Caching: What should be kept, for how long, and what happens when it expires?"""
