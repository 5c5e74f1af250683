namespace ActionStream.Core.Files;

/// <summary>No folder can be made where the system keeps temporary ones; the message says what to do.</summary>
public sealed class TemporaryFolderException(string message, Exception cause) : IOException(message, cause);
