"""Paths and addresses to bytes in the home: folders walked, archives opened, pages fetched, passwords asked for."""
