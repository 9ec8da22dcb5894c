"""One builder per kind of table: `build(material)` gives its specifications, none when there is nothing to show."""
