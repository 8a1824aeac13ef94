"""What shows why a trained model answered so."""
