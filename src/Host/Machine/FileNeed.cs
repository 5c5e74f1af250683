using ActionStream.Host.Configuration;
using ActionStream.Host.Web;
using ActionStream.Ingest.Sources;

namespace ActionStream.Host.Machine;

/// <summary>How many files a configuration may come to hold open, by what for.</summary>
/// <remarks>
/// Measured: 213 with no camera, 263 with spool, discovery, traces and media (2 of them for each library), 2 more for each
/// camera, and 8 for a moment while a child is started. A GPU opens some of its own. HTTP cameras come through
/// <see cref="HttpGate"/>: its port, and two for each connection, of which one has one and a playlist up to three.
/// </remarks>
/// <param name="Program">Libraries, the model, the broker, the log, and what is held and left over for the end.</param>
/// <param name="Http">Connections to the metrics and the live page.</param>
/// <param name="Cameras">Pipes of the children, and the connections of HTTP cameras.</param>
/// <param name="Media">Snapshots and recordings that are being written, and the children that join them.</param>
internal sealed record FileNeed(int Program, int Http, int Cameras, int Media)
{
    /// <summary>What any verb needs before it can even say so: below this the runtime cannot load its own libraries.</summary>
    public const int Least = 128;

    public int All => Program + Http + Cameras + Media;

    /// <summary>A limit with room for more cameras.</summary>
    public int Generous => Math.Max(1024, (All + 1023) / 1024 * 1024);

    public static FileNeed Of(PipelineOptions options) => new(
        Program: 384, Http: options.Http.Ports.Count * ConnectionRoom.Most,
        Cameras: options.Cameras.Values.Where(camera => camera.Enabled).Sum(Of),
        Media: options.Media.AreWanted ? 16 : 0);

    // Two children: one that reads packets, one that decodes them. Sources without packets have one.
    private static int Of(CameraOptions camera) =>
        camera.IsSegmented ? 13 : SourceAddress.TryParse(camera.Url, out var address) is false ? 6 : address.Kind switch
        {
            SourceKind.Http => 9,
            SourceKind.Rtsp or SourceKind.Rtmp or SourceKind.Srt => 6,
            _ => 3,
        };

    public override string ToString() =>
        $"{Program} for the program, {Http} for HTTP, {Cameras} for the cameras{(Media > 0 ? $", {Media} for media" : "")}";
}
