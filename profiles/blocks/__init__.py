"""Blocks of a page: a figure with its title, sentence, table and file each. Nothing here knows Streamlit."""
