"""One file per tab; a leading underscore is what all tabs share."""
