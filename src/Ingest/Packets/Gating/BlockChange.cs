namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Whether anything but noise and light tells two frames apart.</summary>
internal sealed class BlockChange
{
    /// <summary>Levels of light that a block of any model's frame may always change by.</summary>
    private const float Least = 2;

    /// <summary>In standard deviations of the noise: of a thousand blocks, none.</summary>
    private const float Beyond = 6;

    /// <summary>The light itself changed, by more than flicker and a slow exposure do.</summary>
    private const float LightChange = 0.15f;

    /// <summary>Blocks as dark tell nothing of the light.</summary>
    private const float Dark = 12;

    private float[] _ratios = [];
    private float[] _rests = [];
    private float[] _ranked = [];
    private float _noise = 0.5f;

    /// <summary>By how much each block changed, the light's change taken off.</summary>
    public ReadOnlySpan<float> Rests => _rests;

    /// <summary>The most that noise changes a block by.</summary>
    public float Limit { get; private set; }

    /// <summary>The most that a block changed by.</summary>
    public float Most { get; private set; }

    /// <summary>True if some block changed by more than the noise of this scene.</summary>
    /// <param name="swing">Levels by which the light moves to and fro: coders follow it late, and not everywhere at once.</param>
    /// <param name="passedOver">Blocks that do not count; may be empty.</param>
    public bool Differ(BlockGrid now, BlockGrid before, float tolerance, float swing, ReadOnlySpan<bool> passedOver)
    {
        if (now.Count != before.Count)
        {
            return true;
        }

        if (_ratios.Length != now.Count)
        {
            (_ratios, _rests, _ranked) = (new float[now.Count], new float[now.Count], new float[now.Count]);
        }

        var gain = Gain(now.Means, before.Means);
        Most = 0;
        for (var i = 0; i < _rests.Length; i++)
        {
            _rests[i] = Math.Abs(now.Means[i] - (gain * before.Means[i]));
            if (passedOver.IsEmpty || !passedOver[i])
            {
                Most = Math.Max(Most, _rests[i]);
            }
        }

        _rests.CopyTo(_ranked, 0);
        var (middle, high) = (_ranked.Length / 2, _ranked.Length * 9 / 10);
        var (median, highest) = (Rank.Of(_ranked, middle), Rank.Of(_ranked.AsSpan(middle), high - middle));

        // Of what moves over a tenth of the frame or more, this says nothing about noise: then what is known of it holds.
        var noise = Math.Max(median * 1.4826f, highest * 0.61f);
        Limit = tolerance * (Least + swing + (Beyond * Math.Min(noise, Math.Max(0.5f, 3 * _noise))));
        var differs = Most > Limit || Math.Abs(gain - 1) > LightChange;
        if (!differs)
        {
            _noise += (noise - _noise) * 0.05f;
        }

        return differs;
    }

    private float Gain(ReadOnlySpan<float> now, ReadOnlySpan<float> before)
    {
        var count = 0;
        for (var i = 0; i < now.Length; i++)
        {
            if (before[i] > Dark)
            {
                _ratios[count++] = now[i] / before[i];
            }
        }

        if (count == 0 || count < now.Length / 8)
        {
            return 1;
        }

        return Rank.Of(_ratios.AsSpan(0, count), count / 2);
    }
}
