"""Draw documents as DOCX and XLSX; what they contain is said in reporting/documents/."""
