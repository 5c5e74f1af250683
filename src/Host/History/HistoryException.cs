namespace ActionStream.Host.History;

/// <summary>The history cannot be used as it is; says why and what to do.</summary>
internal sealed class HistoryException(string message, Exception? inner = null) : Exception(message, inner);
