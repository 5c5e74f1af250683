using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>A camera to which things are done: a server of its own, behind a line of its own.</summary>
internal sealed class ShakyCamera : IAsyncDisposable
{
    private static readonly string[] Sizes = ["160x120", "320x240", "128x208"];

    private readonly string[] _clips;
    private int _size;

    private ShakyCamera(RtspCamera server, string[] clips, int seed)
    {
        (Server, _clips) = (server, clips);
        Line = new(server.Port, () => new LineSpoiler(Faults, new Random(seed)));
    }

    public RtspCamera Server { get; }

    public LineFaults Faults { get; } = new();

    public TcpProxy Line { get; }

    public static async Task<ShakyCamera> StartAsync(string login, int fps, int seed)
    {
        var clips = new List<string>();
        foreach (var size in Sizes)
        {
            clips.Add(await RtspCamera.ClipAsync(size, fps));
        }

        return new(await RtspCamera.StartAsync([clips[0]], login, fps), [.. clips], seed);
    }

    /// <summary>As after a change of its settings: it is away for a moment and sends another size.</summary>
    public async Task ResizeAsync()
    {
        _size = (_size + 1) % _clips.Length;
        await Server.KillAsync();
        await Server.StartAgainAsync(_clips[_size]);
    }

    public async ValueTask DisposeAsync()
    {
        await Line.DisposeAsync();
        await Server.DisposeAsync();
    }
}
