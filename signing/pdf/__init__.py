"""PDF: seals found and read strictly, texts, attachments, drawn pages."""
