using System.Buffers;

namespace ActionStream.Ingest.Packets;

/// <summary>One coded picture as the camera sent it, in pooled memory: the ring, the decoder's feeder and a recording may hold it at the
/// same time, and the last one to dispose it gives the memory back.</summary>
/// <remarks>Written by its first holder, before it is shared; only read from then on.</remarks>
public sealed class Packet : IDisposable
{
    private byte[]? _bytes;
    private int _holders = 1;

    /// <param name="length">Bytes of the coded picture, which the first holder writes.</param>
    public Packet(int length) => (_bytes, Length) = (ArrayPool<byte>.Shared.Rent(Math.Max(1, length)), length);

    public int Length { get; }

    /// <summary>Place of the picture in the stream since the connection began.</summary>
    public TimeSpan Presentation { get; init; }

    /// <summary>Time stamp of the pipeline's clock when its last byte was read.</summary>
    public long ArrivedAt { get; init; }

    /// <summary>The container says that decoding can begin here.</summary>
    public bool IsKey { get; init; }

    /// <summary>The parameter sets that came among the packets up to this one, as they may stand in front of it: for a decoder that was not
    /// given every packet. Empty where there were none.</summary>
    public ReadOnlyMemory<byte> Parameters { get; set; }

    /// <summary>The coded picture; to be written by the first holder only.</summary>
    public Span<byte> Bytes => (_bytes ?? throw new ObjectDisposedException(nameof(Packet))).AsSpan(0, Length);

    /// <summary>One more holder, who disposes it as well. Only a holder may share.</summary>
    public Packet Share()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _holders) <= 0, this);
        Interlocked.Increment(ref _holders);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && Interlocked.Exchange(ref _bytes, null) is { } bytes)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
