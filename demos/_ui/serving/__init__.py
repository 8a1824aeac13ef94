"""What stands between the visitors and the tabs, so that one visitor cannot take the app away from the others."""
