"""The course's models, one package a topic, and the parts that every topic shares."""
