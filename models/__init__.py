"""One file per architecture; a leading underscore is machinery."""
