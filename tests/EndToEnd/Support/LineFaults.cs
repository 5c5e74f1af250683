namespace ActionStream.EndToEnd.Support;

/// <summary>How a camera's line spoils what passes; shared by all its connections.</summary>
internal sealed class LineFaults
{
    /// <summary>Share of the bytes of pictures that arrive changed.</summary>
    public double Damage { get; set; }

    /// <summary>Share of all bytes that arrive changed, those that say where a packet ends among them.</summary>
    public double Tear { get; set; }

    /// <summary>Added to the first byte of RTP times: at 90 kHz each step is 186 s.</summary>
    public byte ClockSteps { get; set; }
}
