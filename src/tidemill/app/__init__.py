"""What a person or a caller can ask of Tidemill, whatever the door."""
