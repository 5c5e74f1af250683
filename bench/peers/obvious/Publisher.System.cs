using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Obvious;

/// <summary>mosquitto_pub, one for each topic: it sends every line of its input.</summary>
internal sealed partial class Publisher(string host, int port)
{
    private readonly ConcurrentDictionary<string, Process> _topics = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var child in _topics.Values)
        {
            child.StandardInput.Close();
            child.WaitForExit();
            child.Dispose();
        }
    }

    // A topic belongs to one camera, and so to one thread.
    private partial void Send(string topic, string payload)
    {
        var lines = _topics.GetOrAdd(topic, Start).StandardInput;
        lines.WriteLine(payload);
        lines.Flush();
    }

    private Process Start(string topic) => Process.Start(new ProcessStartInfo(
        "mosquitto_pub", ["-h", host, "-p", port.ToString(CultureInfo.InvariantCulture), "-t", topic, "-l"])
    { RedirectStandardInput = true })
        ?? throw new InvalidOperationException("mosquitto_pub does not start");
}
