"""The version of this Studyhall."""

VERSION = "0.1.0"
