"""Care for the machine and its libraries: priorities, memory, offline switches, the import lock."""
