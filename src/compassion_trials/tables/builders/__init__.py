"""One builder per kind of table: `build(material)` gives the table specifications, none when there is nothing to show."""
