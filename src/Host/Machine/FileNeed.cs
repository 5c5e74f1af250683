using ActionStream.Host.Configuration;

namespace ActionStream.Host.Machine;

/// <summary>How many files a configuration may come to hold open, by what for.</summary>
/// <remarks>
/// Measured: 213 with no camera, 263 with spool, discovery, traces and media (2 of them for each library), 2 more for each
/// camera, and 8 for a moment while a child is started. A GPU opens some of its own.
/// </remarks>
/// <param name="Program">Libraries, the model, the broker, the log, and what is held and left over for the end.</param>
/// <param name="Http">Connections to the metrics and the live page.</param>
/// <param name="Cameras">Pipes of the children.</param>
/// <param name="Media">Snapshots and recordings that are being written, and the children that join them.</param>
internal sealed record FileNeed(int Program, int Http, int Cameras, int Media)
{
    /// <summary>What any verb needs before it can even say so: below this the runtime cannot load its own libraries.</summary>
    public const int Least = 128;

    private const int PerCamera = 3;

    public int All => Program + Http + Cameras + Media;

    /// <summary>A limit with room for more cameras.</summary>
    public int Generous => Math.Max(1024, (All + 1023) / 1024 * 1024);

    public static FileNeed Of(PipelineOptions options) => new(
        Program: 384, Http: 96, Cameras: options.Cameras.Values.Count(camera => camera.Enabled) * PerCamera,
        Media: options.Media.AreWanted ? 16 : 0);

    public override string ToString() =>
        $"{Program} for the program, {Http} for HTTP, {Cameras} for the cameras{(Media > 0 ? $", {Media} for media" : "")}";
}
