"""HTTP caching: What may the browser keep, and how does it learn that its copy is old?"""
