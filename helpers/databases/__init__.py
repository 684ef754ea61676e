"""Databases: Which store fits the question, and what does a missing index cost?"""
