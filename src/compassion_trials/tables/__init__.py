"""Tables: rows of the results table become one table specification, which writers turn into HTML, Word, Typst, ..."""
