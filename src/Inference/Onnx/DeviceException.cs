namespace ActionStream.Inference.Onnx;

/// <summary>A device that was asked for and does not load, with the missing part and where to get it.</summary>
public sealed class DeviceException(string message, Exception? inner = null) : Exception(message, inner);
