using System.Collections.Concurrent;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Passwords that the site's configuration holds, and every place in which one of them was seen: there may be none.</summary>
internal sealed class PlantedSecrets
{
    private const int Most = 20;

    // With what people and cameras put into passwords; in an address those characters stand encoded.
    public string Camera { get; } = "Kx7#plum/9?";

    public string Query { get; } = "Qv4grape8";

    public string Broker { get; } = "Bz3fig@5:6";

    public string Http { get; } = "Hw9quince2";

    public string CameraInAddress => Uri.EscapeDataString(Camera);

    /// <summary>Where one was seen, and around what.</summary>
    public ConcurrentQueue<string> Found { get; } = new();

    public void Search(string where, string text)
    {
        foreach (var secret in (string[])[Camera, CameraInAddress, Query, Broker, Uri.EscapeDataString(Broker), Http])
        {
            var at = text.IndexOf(secret, StringComparison.OrdinalIgnoreCase);
            if (at >= 0 && Found.Count < Most)
            {
                var from = Math.Max(0, at - 100);
                Found.Enqueue($"{where}: …{text[from..Math.Min(text.Length, at + secret.Length + 30)].ReplaceLineEndings(" ")}…");
            }
        }
    }
}
