"""Load balancing: Which server gets the next request, and what if one is slow or dead?"""
