"""Does the model do what its captions say? Automatic checks with a ceiling (real renderings) and a floor (shuffled
captions)."""
