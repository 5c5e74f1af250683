"""Training of the action models: rendered clips, network, loop."""
