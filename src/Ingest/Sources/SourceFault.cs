namespace ActionStream.Ingest.Sources;

/// <summary>Why a source gave no more frames; a closed set, because it is a metric label and a word in status messages.</summary>
public enum SourceFault
{
    /// <summary>A live source hung up.</summary>
    Disconnected,

    /// <summary>A recorded source came to its end before it should.</summary>
    Ended,

    /// <summary>The connection is open, but silent.</summary>
    Stalled,

    /// <summary>Nobody answered in time.</summary>
    Timeout,

    /// <summary>The host answered that nobody listens there.</summary>
    Refused,

    /// <summary>No way to the host, or no such name.</summary>
    Unreachable,

    /// <summary>User name or password are wrong, or not allowed.</summary>
    Unauthorized,

    /// <summary>An HTTP camera sent us to another host, where we do not go.</summary>
    Redirected,

    /// <summary>No such stream, file or device.</summary>
    NotFound,

    /// <summary>This process may not open the file or device.</summary>
    Permission,

    /// <summary>Someone else holds the device.</summary>
    Busy,

    /// <summary>It opened, but there are no frames in it.</summary>
    NoVideo,

    /// <summary>A codec or protocol that this ffmpeg does not know.</summary>
    Codec,

    /// <summary>The hardware decoder that was asked for does not work.</summary>
    Hwaccel,

    /// <summary>What came was not what was promised.</summary>
    Broken,

    /// <summary>ffmpeg was killed or crashed.</summary>
    Crashed,

    /// <summary>ffmpeg is not installed.</summary>
    NoFfmpeg,
}

/// <summary>The words that metrics, logs and status messages use for a <see cref="SourceFault"/>.</summary>
public static class SourceFaultLabels
{
    extension(SourceFault fault)
    {
        public string Label => fault switch
        {
            SourceFault.Disconnected => "disconnected",
            SourceFault.Ended => "ended",
            SourceFault.Stalled => "stalled",
            SourceFault.Timeout => "timeout",
            SourceFault.Refused => "refused",
            SourceFault.Unreachable => "unreachable",
            SourceFault.Unauthorized => "auth",
            SourceFault.Redirected => "redirected",
            SourceFault.NotFound => "not_found",
            SourceFault.Permission => "permission",
            SourceFault.Busy => "busy",
            SourceFault.NoVideo => "no_video",
            SourceFault.Codec => "codec",
            SourceFault.Hwaccel => "hwaccel",
            SourceFault.Crashed => "crashed",
            SourceFault.NoFfmpeg => "no_ffmpeg",
            _ => "broken",
        };
    }
}
