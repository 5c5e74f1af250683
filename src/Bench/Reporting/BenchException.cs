namespace ActionStream.Bench.Reporting;

/// <summary>A measurement that came to nothing: told in one line, and the verb fails.</summary>
internal sealed class BenchException(string message) : Exception(message);
