namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Whether anything but noise and light tells two frames apart.</summary>
internal sealed class BlockChange
{
    /// <summary>Levels of light that a block of any model's frame may always change by.</summary>
    private const float Least = 1.4f;

    /// <summary>In standard deviations of the noise: of a thousand blocks, none.</summary>
    private const float Beyond = 6;

    /// <summary>The light itself changed, by more than flicker and a slow exposure do.</summary>
    private const float LightChange = 0.15f;

    /// <summary>Blocks as dark tell nothing of the light.</summary>
    private const float Dark = 12;

    private float[] _ratios = [];
    private float[] _rests = [];
    private float _noise = float.MaxValue;

    /// <summary>True if some block changed by more than the noise of this scene.</summary>
    /// <param name="tolerance">Times the usual limit: key pictures are coded anew, and differ a little from what they replace.</param>
    public bool Differ(BlockGrid now, BlockGrid before, float tolerance)
    {
        if (now.Count != before.Count)
        {
            return true;
        }

        if (_ratios.Length != now.Count)
        {
            (_ratios, _rests) = (new float[now.Count], new float[now.Count]);
        }

        var gain = Gain(now.Means, before.Means);
        if (Math.Abs(gain - 1) > LightChange)
        {
            return true;
        }

        var most = 0f;
        for (var i = 0; i < _rests.Length; i++)
        {
            _rests[i] = Math.Abs(now.Means[i] - (gain * before.Means[i]));
            most = Math.Max(most, _rests[i]);
        }

        if (most <= Least)
        {
            Learn(0);
            return false;
        }

        Array.Sort(_rests);

        // Of what moves over half of the frame or more, the median says nothing about noise: then the least known lately holds.
        var noise = Math.Min(_rests[_rests.Length / 2] * 1.4826f, Math.Max(0.1f, 2 * _noise));
        var differs = most > tolerance * (Least + (Beyond * noise));
        if (!differs)
        {
            Learn(_rests[_rests.Length / 2] * 1.4826f);
        }

        return differs;
    }

    // Follows the quiet: down at once, up slowly.
    private void Learn(float noise) => _noise = noise < _noise ? noise : _noise + ((noise - _noise) * 0.05f);

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

        if (count < now.Length / 8)
        {
            return 1;
        }

        Array.Sort(_ratios, 0, count);
        return _ratios[count / 2];
    }
}
