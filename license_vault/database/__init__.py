"""The database: sessions, the schema and its rows; no questions are asked here."""
