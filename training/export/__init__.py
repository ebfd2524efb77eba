"""Publication: the trained family in the formats real models come in, each file loaded back and compared."""
