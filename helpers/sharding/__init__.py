"""Sharding: When is one database no longer enough, and what breaks when it is split?"""
