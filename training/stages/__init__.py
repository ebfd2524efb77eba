"""The stages: VAE, text encoder, base model, motion module, and what personalises them. Each defines its networks, one
step's loss, and what to show."""
