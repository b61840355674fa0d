"""Accepts sources into the home: folders are walked, archives opened, web pages fetched, locked files unlocked."""
