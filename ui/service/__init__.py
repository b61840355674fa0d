"""The operations of an open home for other processes: one table, and all that derives from it."""
