"""Consistency: What may a page show while the copies disagree?"""
