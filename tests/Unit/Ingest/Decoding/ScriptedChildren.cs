using System.Buffers.Binary;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;

namespace ActionStream.Unit.Ingest.Decoding;

/// <summary>A camera and its decoders without ffmpeg: packets hold their number, and a decoder gives what it can know of them, or does
/// as the test says.</summary>
internal sealed class ScriptedChildren : IFfmpegLauncher
{
    private readonly Lock _lock = new();
    private readonly List<ScriptedChild> _readers = [];
    private readonly List<ScriptedChild> _decoders = [];

    /// <summary>A pixel is three bytes: room for a number.</summary>
    public static FrameSize Size { get; } = new(2, 1);

    public static CodedStream Stream { get; } = new(0x454B4146, Size, 0, new byte[] { 1 }, (1, 10_000_000));

    public static TimeSpan Step { get; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Pictures from one key picture to the next.</summary>
    public const int Group = 5;

    /// <summary>Plays a camera; on a thread of its own.</summary>
    public Action<ScriptedChild> Read { get; set; } = _ => { };

    /// <summary>Plays the decoder of this number; on a thread of its own.</summary>
    public Action<ScriptedChild, int> Decode { get; set; } = (child, _) => Decoder(child);

    /// <summary>Asked before a child is started, with true for a decoder.</summary>
    public Action<bool>? Starting { get; set; }

    /// <summary>Asked when a decoder's exit code is.</summary>
    public Action? Ending { get; set; }

    public IReadOnlyList<ScriptedChild> Readers
    {
        get
        {
            lock (_lock)
            {
                return [.. _readers];
            }
        }
    }

    public IReadOnlyList<ScriptedChild> Decoders
    {
        get
        {
            lock (_lock)
            {
                return [.. _decoders];
            }
        }
    }

    public IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command, long? memory = null)
    {
        Starting?.Invoke(command.TakesInput);
        var child = new ScriptedChild { Ending = command.TakesInput ? Ending : null };
        lock (_lock)
        {
            (command.TakesInput ? _decoders : _readers).Add(child);
            var number = _decoders.Count - 1;
            new Thread(() => Play(command.TakesInput ? () => Decode(child, number) : () => Read(child))) { IsBackground = true }.Start();
        }

        return child;
    }

    /// <summary>Writes the camera's header and returns what its packets are written with.</summary>
    public static NutWriter Begin(ScriptedChild camera)
    {
        var nut = new NutWriter(camera.Out);
        nut.WriteHeader(Stream);
        return nut;
    }

    /// <summary>Writes another header among the packets.</summary>
    public static void SendHeader(ScriptedChild camera, CodedStream stream)
    {
        using var header = new MemoryStream();
        new NutWriter(header).WriteHeader(stream);
        camera.Out.Write(header.ToArray().AsSpan(NutStartCodes.FileId.Length));
    }

    public static void Send(NutWriter camera, int number) => Send(camera, number, number % Group == 0);

    public static void Send(NutWriter camera, int number, bool isKey)
    {
        Span<byte> picture = stackalloc byte[Size.Bytes];
        picture.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(picture, number);
        picture[^1] = isKey ? (byte)1 : (byte)0;
        camera.Write(number * Step, isKey, picture);
    }

    /// <summary>Number of the picture that a frame shows.</summary>
    public static int NumberOf(ReadOnlySpan<byte> pixels) => BinaryPrimitives.ReadInt32LittleEndian(pixels);

    /// <summary>Decodes until its input ends, or until it has given so many frames. A picture whose predecessor it does not know comes out as
    /// picture -1.</summary>
    /// <param name="until">With fewer frames than these: it takes packets up to this one.</param>
    /// <returns>True if it may go on.</returns>
    public static bool Decoder(ScriptedChild child, int frames = int.MaxValue, int? until = null)
    {
        var (input, output) = (new NutPacketReader(child.In), new NutWriter(child.Out));
        if (input.ReadHeader() is not { } stream)
        {
            child.Exit(0);
            return false;
        }

        output.WriteHeader(stream);
        Span<byte> picture = stackalloc byte[Size.Bytes];
        for (var (last, given) = (-2, 0); given < frames || last < until; given++)
        {
            if (!input.TryRead(out var head) || !input.TryReadBytes(picture))
            {
                child.Exit(0);
                return false;
            }

            var number = NumberOf(picture);
            var isKnown = picture[^1] == 1 || number == last + 1;
            last = isKnown ? number : -2;
            BinaryPrimitives.WriteInt32LittleEndian(picture, isKnown ? number : -1);
            if (given < frames)
            {
                output.Write(head.Presentation, isKey: true, picture);
            }
        }

        return true;
    }

    /// <summary>Takes packets for ever, and gives nothing.</summary>
    public static void Swallow(ScriptedChild child)
    {
        Span<byte> bytes = stackalloc byte[64];
        while (child.In.Read(bytes) > 0)
        {
        }
    }

    private static void Play(Action script)
    {
        try
        {
            script();
        }
        catch (Exception over) when (over is IOException or ObjectDisposedException)
        {
            // It was killed.
        }
    }
}
