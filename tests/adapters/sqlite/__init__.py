"""Stories about the SQLite store: real files, real processes, real damage."""
