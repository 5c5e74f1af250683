namespace ActionStream.Ingest.Packets.Gating;

/// <summary>How far the light of a whole scene moves to and fro within a second: lamps on mains, an exposure that hunts.</summary>
internal sealed class LightSwing
{
    private const int Frames = 8;
    private const float Fading = 0.98f;

    private readonly float[] _recent = new float[Frames];
    private int _count;
    private float[] _ranked = [];

    /// <summary>In levels of light; fades over seconds.</summary>
    public float Levels { get; private set; }

    public void Add(BlockGrid frame)
    {
        if (_ranked.Length != frame.Count)
        {
            _ranked = new float[frame.Count];
        }

        // Its median, so that somebody who comes near does not count as light.
        frame.Means.CopyTo(_ranked);
        _recent[_count++ % Frames] = Rank.Of(_ranked, _ranked.Length / 2);
        var (least, most) = (float.MaxValue, float.MinValue);
        for (var i = 0; i < Math.Min(_count, Frames); i++)
        {
            (least, most) = (Math.Min(least, _recent[i]), Math.Max(most, _recent[i]));
        }

        Levels = Math.Max(Math.Min(most - least, 16), Levels * Fading);
    }
}
