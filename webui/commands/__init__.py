"""The command line's commands, a room each. Whatever is slow to load is loaded inside a command."""
