namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Why a camera is awake. A closed set: a label of metrics and a word of the status.</summary>
[Flags]
public enum WakeReasons
{
    None = 0,

    /// <summary>The stream was just opened, or what this camera spends on a quiet scene is not known yet.</summary>
    Learning = 1,

    /// <summary>Pictures cost more bits than a quiet scene's do.</summary>
    Motion = 2,

    /// <summary>A heartbeat differs from the one before.</summary>
    Change = 4,

    /// <summary>An event is open.</summary>
    Event = 8,

    /// <summary>A command asked for it.</summary>
    Command = 16,

    /// <summary>Somebody watches.</summary>
    Watched = 32,

    /// <summary>A rule about a zone needs every window.</summary>
    Zone = 64,

    /// <summary>The camera itself reports motion (ONVIF).</summary>
    Onvif = 128,

    /// <summary>What its pictures are cannot be told: a codec or a coding that we do not read.</summary>
    Unreadable = 256,

    /// <summary>Its bits tell nothing, or too little: a noisy night, a constant rate whose quantiser stands still, key frames
    /// too far apart.</summary>
    Untrusted = 512,

    /// <summary>Its owner wants it awake.</summary>
    Configured = 1024,
}
