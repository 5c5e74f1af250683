using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Finds the process that talks to a port, as the kernel knows it: a child's command line need not say which camera is its own.</summary>
internal static class SocketOwners
{
    public static int[] Under(int parent, int port)
    {
        var sockets = Sockets(port);
        return [.. ProcessTree.Descendants(parent).Where(process => ProcessTree.Files(process).Any(sockets.Contains))];
    }

    private static HashSet<string> Sockets(int port)
    {
        var remote = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return
        [
            .. File.ReadLines("/proc/net/tcp").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[2].EndsWith(remote, StringComparison.Ordinal)).Select(fields => $"socket:[{fields[9]}]"),
        ];
    }
}
