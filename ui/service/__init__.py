"""What another process can ask of an open home: one table, and all that derives from it."""
