"""The commands of `studyhall`, one file per group."""
