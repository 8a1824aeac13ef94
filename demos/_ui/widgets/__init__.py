"""Small custom components: a module and a script each."""
