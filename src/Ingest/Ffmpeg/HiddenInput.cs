using System.Text;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>An address with a secret, told to ffmpeg on its standard input instead of its command line, which every user of the machine
/// may read: as a list of one entry for ffmpeg's concat demuxer, which opens live streams as it opens files.</summary>
internal static class HiddenInput
{
    /// <summary>What ffmpeg calls it.</summary>
    public const string Name = "pipe:0";

    /// <summary>The first version whose list can carry options.</summary>
    private static readonly Version Options = new(5, 0);

    private const string Protocols =
        "pipe,rtsp,rtsps,rtp,srtp,tcp,tls,udp,http,https,httpproxy,crypto,data,rtmp,rtmps,rtmpt,rtmpts,rtmpe,rtmpte,ffrtmphttp,srt";

    /// <summary>False where there is nothing to hide, or where it cannot be: the owner's own arguments are meant for the camera's
    /// demuxer.</summary>
    public static bool IsWanted(SourceAddress address, SourceOptions source, Version ffmpeg) =>
        address.Kind is SourceKind.Rtsp or SourceKind.Http or SourceKind.Rtmp or SourceKind.Srt
        && address.Safe != address.Input && source.InputArguments.Count == 0 && ffmpeg >= Options
        && !address.Input.Any(char.IsControl);

    /// <param name="global">Global and decoder's arguments.</param>
    /// <param name="input">The input's own, in pairs.</param>
    public static FfmpegCommand Build(
        IReadOnlyList<string> global, IReadOnlyList<string> input, string address, IReadOnlyList<string> output)
    {
        var script = new StringBuilder("ffconcat version 1.0\n")
            .Append("file '").Append(address.Replace("'", @"'\''", StringComparison.Ordinal)).Append("'\n");
        List<string> before = [.. global];
        var protocols = Protocols;
        for (var i = 0; i + 1 < input.Count; i += 2)
        {
            var (name, value) = (input[i], input[i + 1]);
            switch (name)
            {
                case "-flags": // the decoder's
                    before.AddRange([name, value]);
                    break;
                case "-protocol_whitelist": // the list's own holds for what it opens
                    protocols = $"pipe,{value}";
                    break;
                case "-fflags" or "-probesize" or "-analyzeduration": // the list must not wait either
                    before.AddRange([name, value]);
                    Add(script, name, value);
                    break;
                default:
                    Add(script, name, value);
                    break;
            }
        }

        return new([.. before, "-protocol_whitelist", protocols, "-f", "concat", "-safe", "0"], Name, output)
        {
            Script = script.ToString(),
        };
    }

    private static void Add(StringBuilder script, string name, string value) =>
        script.Append("option ").Append(name.AsSpan(1)).Append(' ').Append(value).Append('\n');
}
