using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Windowing;

namespace ActionStream.Ingest.Decoding;

/// <summary>Puts each packet into the ring and has the feed decode it, or not, as the gate says. On the packet reader's thread.</summary>
/// <param name="reach">How far before what woke a camera decoding must begin, so that no window of it is missed.</param>
/// <param name="votes">Who outside of the stream wants the camera awake, now.</param>
internal sealed class PacketSwitch(
    PacketRing ring, DecoderFeed feed, IGate gate, IPictureReader? pictures, TimeSpan interval, TimeSpan reach, Func<WakeReasons> votes,
    SleepLog sleep)
{
    /// <summary>More than codecs reorder: times that went back further are another time.</summary>
    private static readonly TimeSpan Disorder = TimeSpan.FromSeconds(2);

    private bool _hasBegun;
    private bool _isAwake = true;
    private bool _hasCleanStarts;
    private TimeSpan? _wantedFrom;
    private TimeSpan _latest = TimeSpan.MinValue;
    private bool _isEnding;

    /// <summary>True once a picture came with which decoding could begin.</summary>
    public bool HasBegun => Volatile.Read(ref _hasBegun);

    /// <summary>Takes the packet over.</summary>
    public void Take(Packet packet)
    {
        Picture? picture;
        GateStep step;
        try
        {
            picture = pictures is not null && pictures.TryRead(packet.Bytes, out var read) ? read : null;
            if (!_hasBegun && !packet.IsKey)
            {
                packet.Dispose();
                return;
            }

            step = gate.Take(new(packet.Presentation, packet.Length, packet.IsKey, picture), votes());
        }
        catch
        {
            packet.Dispose();
            throw;
        }

        var (at, isKey) = (packet.Presentation, packet.IsKey);
        var isClean = isKey && picture is null or { IsCleanStart: true };
        _hasCleanStarts |= isClean;
        var number = ring.Add(packet, isKey && (isClean || !_hasCleanStarts));
        if (!_hasBegun)
        {
            Volatile.Write(ref _hasBegun, true);
            feed.Begin(new(number));
        }

        Follow(step, number, at);
        feed.Arrived(number, at);
    }

    private void Follow(in GateStep step, long number, TimeSpan at)
    {
        if (step.IsAwake)
        {
            if (_isEnding)
            {
                sleep.GoesOn(); // nothing was left out yet
            }
            else if (!_isAwake || _wantedFrom is not null)
            {
                Wake(_wantedFrom ?? (step.Since ?? at) - reach);
            }
        }
        else if (_isAwake)
        {
            (_isEnding, _wantedFrom) = (true, null);
        }

        _isAwake = step.IsAwake;
        sleep.Note(step, at);

        // Not between a picture and those that are shown before it: a frame would take the place of one that was not decoded.
        _isEnding &= !_isAwake;
        if (_isEnding && at > _latest)
        {
            feed.End(number);
            _isEnding = false;
        }

        _latest = at > _latest || _latest - at > Disorder ? at : _latest;
        if (step is { IsAwake: false, IsHeartbeat: true } && !_isEnding)
        {
            feed.Beat(number);
        }
    }

    private void Wake(TimeSpan from)
    {
        if (feed.TryGoOn())
        {
            sleep.GoesOn();
            _wantedFrom = null;
            return;
        }

        if (ring.StartBefore(from) is not { } start)
        {
            _wantedFrom = from; // with the next key picture
            return;
        }

        // Its slot may have been another frame's, had the frames before it been decoded.
        sleep.GoesBackTo(start.At);
        feed.Begin(new(start.Number) { EndsSleep = true, After = TimeGrid.EndOfSlot(start.At, interval) });
        _wantedFrom = null;
    }
}
