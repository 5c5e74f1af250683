"""Networks of the papers in plain PyTorch, written as their users write them, to be exported by torch.onnx and timed."""
