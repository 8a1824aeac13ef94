"""What tabs are made of; it knows no tab."""
