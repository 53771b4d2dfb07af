"""What keeps a community of practice alive: evidence, questions, people, meetings."""
