using ActionStream.Core.Media;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>What the pixels say: whether the frames of a camera that is awake move, and whether a heartbeat differs from those
/// before.</summary>
/// <remarks>Frames on both sides of a key picture are not compared as neighbours: it is coded anew, and textures jump though nothing moves.
/// The first frame after one is compared with the first after the one before. Not thread-safe.</remarks>
internal sealed class SceneLook
{
    /// <summary>Frames back that are compared as well, so that what is slow is seen.</summary>
    private const int Back = 4;

    /// <summary>For frames that were coded anew.</summary>
    private const float Anew = 1.6f;

    private readonly BlockGrid[] _recent = [.. Enumerable.Range(0, Back + 1).Select(_ => new BlockGrid())];
    private readonly BlockGrid _key = new();
    private readonly BlockGrid _older = new();
    private readonly BlockChange _change = new();
    private readonly BlockChange _keyChange = new();
    private readonly LightSwing _swing = new();
    private readonly RestlessBlocks _restless = new();
    private int _count;
    private int _sinceKey;
    private int _keys;

    /// <param name="beginsGroup">A key picture lies between the frame before and this one, or is this one.</param>
    /// <returns>True if it differs; false if it does not; null if there was nothing to compare it with.</returns>
    public bool? Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool beginsGroup, bool isHeartbeat)
    {
        var now = _recent[_count % _recent.Length];
        now.Fill(pixels, size, presentation);
        _sinceKey = beginsGroup ? 0 : _sinceKey + 1;
        bool? differs = null;
        if (!isHeartbeat)
        {
            _swing.Add(now);
            foreach (var back in (ReadOnlySpan<int>)[1, Back])
            {
                if (_sinceKey >= back && _count >= back)
                {
                    var isChanged = _change.Differ(now, _recent[(_count - back) % _recent.Length], 1, _swing.Levels, _restless.Mask);
                    differs = differs == true || isChanged;
                    if (back == 1)
                    {
                        _restless.Add(presentation, _change.Rests, now.Width, _change.Limit);
                    }
                }
            }
        }

        if (beginsGroup)
        {
            differs = OfKeys(now) ?? differs;
        }

        _count++;
        return differs;
    }

    private bool? OfKeys(BlockGrid now)
    {
        bool? differs = _keys == 0 ? null : _keyChange.Differ(now, _key, Anew, _swing.Levels, _restless.Mask);
        if (differs == false && !_older.IsEmpty)
        {
            differs = _keyChange.Differ(now, _older, 1.5f * Anew, _swing.Levels, _restless.Mask);
        }

        // What creeps in is seen against an older one.
        if (_keys++ % 4 == 0 || differs == true)
        {
            (differs == true ? now : _key).CopyTo(_older);
        }

        now.CopyTo(_key);
        return differs;
    }
}
