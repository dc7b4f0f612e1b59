"""The panel. It shows a session and passes on what the retoucher wants."""
