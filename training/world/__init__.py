"""The Mini world: a deterministic, procedurally drawn universe of captioned 16-frame clips (skia, anti-aliased)."""
