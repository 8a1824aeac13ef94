"""How what ships was chosen where validation is small: by leaving patients, records or speakers out in turn."""
