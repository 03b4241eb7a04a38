"""Draw documents as DOCX and XLSX; reporting/documents/ defines their content."""
