namespace ActionStream.Ingest.Sources;

/// <summary>The proxy of the place where the service runs, which ffmpeg takes for HTTP cameras: only it may know the way to
/// them.</summary>
internal static class SiteProxy
{
    /// <summary>The one variable that ffmpeg looks at.</summary>
    public const string Variable = "http_proxy";

    /// <summary>As the environment names it; null where there is none.</summary>
    public static string? OfEnvironment => Environment.GetEnvironmentVariable(Variable);

    /// <summary>True if ffmpeg would use it; it passes over anything else without a word.</summary>
    public static bool IsOne(string? proxy) => proxy?.StartsWith("http://", StringComparison.Ordinal) == true;
}
