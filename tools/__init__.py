"""What the commands of course.py do."""
