"""What the machine and its libraries need: priorities, memory, switches that keep them offline, an import lock."""
