using System.Globalization;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Recording;

/// <summary>Writes one connection's packets into files of a second or more, each from a key picture on, and each a NUT file of its own
/// that any player opens.</summary>
/// <param name="most">Bytes of one piece: a camera that sends no key picture must not fill the disk. What becomes longer is given up, and
/// the next key picture begins another.</param>
/// <remarks>Not thread-safe. Throws what the disk throws; then <see cref="Abandon"/> is due.</remarks>
internal sealed class PieceWriter(string folder, long most) : IDisposable
{
    private FileStream? _file;
    private NutWriter _nut = null!;
    private string _name = "";
    private TimeSpan _start;
    private TimeSpan _newest;
    private int _begun;
    private long _open;

    /// <summary>What the piece that is being written takes on disk. May be asked on any thread.</summary>
    public long OpenBytes => Volatile.Read(ref _open);

    /// <returns>The piece that ends with this packet; null if none does.</returns>
    public Segment? Write(CodedStream stream, Packet packet)
    {
        var time = packet.Presentation;
        Segment? ended = null;
        if (packet.IsKey && (_file is null || time >= _start + RingSpec.Piece || time < _start))
        {
            ended = End(time);
            Begin(stream, time);

            // Parameter sets that came once, between the pieces before, would be missing here.
            Write(time, isKey: true, packet.Bytes, packet.Parameters.Span);
            return ended;
        }

        if (_file is null)
        {
            return ended; // nothing can be decoded yet
        }

        Write(time, packet.IsKey, packet.Bytes);
        return ended;
    }

    /// <summary>Ends the piece that is being written.</summary>
    /// <param name="next">Where the next one begins; null if something is missing behind it.</param>
    /// <returns>Null if none was.</returns>
    public Segment? End(TimeSpan? next = null)
    {
        if (_file is null)
        {
            return null;
        }

        var piece = new Segment(_name, _start, next > _newest ? next.Value : _newest, _file.Position);
        _file.Dispose();
        _file = null;
        Volatile.Write(ref _open, 0);
        return piece;
    }

    /// <summary>Removes the piece that is being written, as far as the disk lets it.</summary>
    public void Abandon()
    {
        if (_file is null)
        {
            return;
        }

        var path = _file.Name;
        try
        {
            _file.Dispose();
            File.Delete(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // It goes with its folder.
        }

        _file = null;
        Volatile.Write(ref _open, 0);
    }

    public void Dispose() => End();

    private void Write(TimeSpan time, bool isKey, ReadOnlySpan<byte> picture, ReadOnlySpan<byte> sets = default)
    {
        _nut.Write(time < TimeSpan.Zero ? TimeSpan.Zero : time, isKey, picture, sets);
        _newest = time > _newest ? time : _newest;
        Volatile.Write(ref _open, _file!.Position);
        if (_file.Position > most)
        {
            Abandon();
        }
    }

    private void Begin(CodedStream stream, TimeSpan time)
    {
        _name = string.Create(CultureInfo.InvariantCulture, $"{_begun++:00000}.nut");

        // No buffer: the writer has one, and a disk that is full is to say so here and not when the file is closed.
        _file = new FileStream(Path.Combine(folder, _name), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        (_nut, _start, _newest) = (new(_file), time, time);
        _nut.WriteHeader(stream);
    }
}
