namespace ActionStream.Host;

/// <summary>What was asked for cannot be done as asked: told in one line, without a stack trace.</summary>
internal sealed class UsageException(string message) : Exception(message);
