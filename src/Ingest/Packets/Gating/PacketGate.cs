using System.Collections.Concurrent;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>The gate of one camera: asleep as long as its pictures cost what quiet ones do and no heartbeat differs.</summary>
/// <remarks>
/// What a quiet scene costs is learned only from pictures that the pixels say were quiet: awake, every sampled frame is compared with those
/// before; asleep, what lies between two heartbeats that do not differ keeps what is known, and raises nothing. So it follows day and night
/// and a camera's settings, and never motion.
/// </remarks>
public sealed class PacketGate : IGate
{
    private const int ReadableAgain = 64;

    private const int MostKeys = 256;

    /// <summary>How old the newest frame that was seen may be.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(1.5);

    private readonly GateOptions _options;
    private readonly VideoCodec _codec;
    private readonly double _blocks;
    private readonly CostWatch _costs;
    private readonly SceneLook _look = new();
    private readonly ConcurrentQueue<(TimeSpan Presentation, bool? Differs, bool IsHeartbeat)> _looks = new();
    private readonly ConcurrentQueue<TimeSpan> _keys = new();
    private TimeSpan? _first;
    private TimeSpan _latest;
    private TimeSpan _busy;
    private TimeSpan? _cleanStart;
    private TimeSpan _keyDistance;
    private TimeSpan? _heartbeat;
    private TimeSpan? _calm;
    private int _calmBeats;
    private int _readable = ReadableAgain;
    private bool _isAwake = true;
    private WakeReasons _why = WakeReasons.Learning;

    /// <param name="size">Of the coded pictures; neither side 0.</param>
    public PacketGate(VideoCodec codec, FrameSize size, GateOptions options)
    {
        (_codec, _options) = (codec, options);
        _blocks = Math.Max(1, size.Width * size.Height / 256.0);
        _costs = new(codec, _blocks, options);
    }

    public GateStep Take(in CodedPicture picture, WakeReasons votes)
    {
        var at = picture.Presentation;
        _first ??= at;
        _latest = at > _latest ? at : _latest;
        var since = TimeSpan.MaxValue;
        var reasons = votes;
        if (picture.Picture is not { } read || _codec == VideoCodec.Other)
        {
            _readable = 0;
        }
        else
        {
            _readable++;
            if (read.IsCleanStart)
            {
                _keyDistance = _cleanStart is { } before && at > before ? at - before : _keyDistance;
                _cleanStart = at;
                _keys.Enqueue(at);
                if (_keys.Count > MostKeys)
                {
                    _keys.TryDequeue(out _); // nobody looks
                }
            }

            var cost = CodingCost.Of(_codec, picture.Bytes - read.Filler, read.Quantiser);
            if (_costs.Take(at, cost, CodingCost.QuantiserOf(read.Quantiser), read.Type) is { } began)
            {
                reasons |= WakeReasons.Motion;
                since = began;
            }
        }

        if (_readable < ReadableAgain)
        {
            reasons |= WakeReasons.Unreadable;
        }

        if (TakeLooks() is { } changed)
        {
            reasons |= _isAwake ? WakeReasons.Motion : WakeReasons.Change;
            since = changed < since ? changed : since;
        }

        if (reasons != WakeReasons.None)
        {
            _busy = _latest;
        }

        // Of no one moment: they hold as long as they hold.
        if (_latest - (_cleanStart ?? _first.Value) > _options.KeyDistance || !_costs.IsTrusted(_keyDistance))
        {
            reasons |= WakeReasons.Untrusted;
        }

        if (!_costs.IsLearned(_options.Learning))
        {
            reasons |= WakeReasons.Learning;
        }

        return Step(at, reasons, since, picture.Picture is { IsCleanStart: true });
    }

    public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat)
    {
        var beginsGroup = isHeartbeat;
        while (_keys.TryPeek(out var key) && key <= presentation)
        {
            beginsGroup = true;
            _keys.TryDequeue(out _);
        }

        // Where every picture is a key picture, all are coded alike.
        _looks.Enqueue((presentation, _look.Look(
            pixels, size, presentation, beginsGroup && (isHeartbeat || _codec != VideoCodec.Mjpeg), isHeartbeat), isHeartbeat));
    }

    private GateStep Step(TimeSpan at, WakeReasons reasons, TimeSpan since, bool isCleanStart)
    {
        if (_isAwake)
        {
            // A decoder that stands still shows nothing, which is not the same as showing that nothing moves.
            if (reasons == WakeReasons.None && _latest - _busy >= _options.Quiet && _latest - _calm <= Recent)
            {
                (_isAwake, _heartbeat, _calm, _calmBeats) = (false, null, at, 0);
                return Asleep(at, isCleanStart);
            }

            _why = reasons != WakeReasons.None ? reasons : _why; // the last reason stands until it sleeps
            return new(_why, false, null);
        }

        if (reasons == WakeReasons.None)
        {
            return Asleep(at, isCleanStart);
        }

        (_isAwake, _why, _busy) = (true, reasons, _latest);
        return new(reasons, false, since < at ? since : at);
    }

    private GateStep Asleep(TimeSpan at, bool isCleanStart)
    {
        if (!isCleanStart || at - _heartbeat < Spacing())
        {
            return new(WakeReasons.None, false, null);
        }

        _heartbeat = at;
        return new(WakeReasons.None, true, null);
    }

    // Twice as rare where nothing differs for long, and only if bits tell by themselves what is missed in between.
    private TimeSpan Spacing() =>
        _calmBeats >= _options.CalmHeartbeats && _keyDistance <= 1.1 * _options.Heartbeat && _costs.TellsAlone(2 * _options.Heartbeat)
            ? (2 * _options.Heartbeat) - (_keyDistance / 2) // the key picture that lies nearest
            : _options.Heartbeat;

    // Where what differs may have begun; null if nothing does.
    private TimeSpan? TakeLooks()
    {
        TimeSpan? since = null;
        while (_looks.TryDequeue(out var look))
        {
            if (look.Differs == true)
            {
                _calmBeats = 0;
                _costs.Moved(look.Presentation);
                since ??= look.IsHeartbeat ? _calm ?? look.Presentation : look.Presentation;
            }
            else if (look.Differs == false)
            {
                _costs.Calm(look.Presentation, !look.IsHeartbeat);
                _calm = look.Presentation;
                _calmBeats += look.IsHeartbeat ? 1 : 0;
            }
        }

        return since;
    }
}
