"""The five stages: VAE, text encoder, base model, motion module, style LoRA. Each defines its networks, one step's loss, and what to show."""
