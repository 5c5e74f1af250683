using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ActionStream.Bench.Cameras;

/// <summary>One connection to one camera: answers its requests, and is given a frame whenever one is due.</summary>
internal sealed class RtspViewer(Socket socket, IReadOnlyList<RtpVideo> videos, Func<RtspViewer, bool> play) : IDisposable
{
    /// <summary>Frames wait in the socket; what does not fit is kept, and no other frame is sent before.</summary>
    private const int SendBuffer = 1 << 20;

    private readonly Lock _lock = new();
    private RtpVideo _video = videos[0];
    private byte[] _scratch = [];
    private ReadOnlyMemory<byte> _rest;
    private int _next;
    private ushort _sequence;
    private uint _time;

    /// <summary>When its next frame is due, by the sender's clock.</summary>
    public TimeSpan Due { get; set; }

    public long Sent { get; private set; }

    /// <summary>Frames that were left out because the one before had not gone.</summary>
    public long Skipped { get; private set; }

    public bool IsGone { get; private set; }

    /// <summary>Reads requests until the other side leaves.</summary>
    public async Task ListenAsync(CancellationToken cancel)
    {
        socket.NoDelay = true;
        socket.SendBufferSize = SendBuffer;
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: false);
            using var reader = new BufferedStream(stream, 2048);
            var byteOf = new byte[4];
            while (await reader.ReadAtLeastAsync(byteOf.AsMemory(0, 1), 1, throwOnEndOfStream: false, cancel) == 1)
            {
                if (byteOf[0] == '$')
                {
                    await reader.ReadExactlyAsync(byteOf.AsMemory(1, 3), cancel);
                    await reader.ReadExactlyAsync(new byte[(byteOf[2] << 8) | byteOf[3]], cancel); // a receiver's report
                }
                else if (!Answer(await RequestAsync(reader, (char)byteOf[0], cancel)))
                {
                    break;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // What happens to cameras.
        }
        finally
        {
            IsGone = true;
            socket.Dispose();
        }
    }

    /// <summary>Sends the frame that is due.</summary>
    public void Send()
    {
        lock (_lock)
        {
            _time += 90000 / RtspCameras.Fps;
            var frame = _video.Frames[_next];
            _next = (_next + 1) % _video.Frames.Count;
            if (!Flush())
            {
                Skipped++;
                return;
            }

            _sequence = frame.CopyTo(_scratch, _sequence, _time);
            _rest = _scratch.AsMemory(0, frame.Bytes.Length);
            Flush();
            Sent++;
        }
    }

    public void Dispose() => socket.Dispose();

    private static async Task<string[]> RequestAsync(Stream reader, char first, CancellationToken cancel)
    {
        var text = new StringBuilder().Append(first);
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && text.Length < 4096)
        {
            await reader.ReadExactlyAsync(one, cancel);
            text.Append((char)one[0]);
        }

        return text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    // False: the viewer leaves.
    private bool Answer(string[] request)
    {
        var (method, url) = request[0].Split(' ') is [var verb, var address, ..] ? (verb, address) : ("", "");
        var number = request.FirstOrDefault(line => line.StartsWith("CSeq:", StringComparison.OrdinalIgnoreCase))?[5..].Trim() ?? "0";
        var headers = $"CSeq: {number}\r\nSession: 1;timeout=60\r\n";
        switch (method)
        {
            case "OPTIONS":
                return Reply($"{headers}Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n");
            case "DESCRIBE":
                Choose(url);
                var description = _video.Description;
                return Reply(
                    $"{headers}Content-Base: {url}/\r\nContent-Type: application/sdp\r\nContent-Length: {description.Length}\r\n",
                    description);
            case "SETUP":
                return Reply($"{headers}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
            case "PLAY":
                return Reply($"{headers}RTP-Info: url={url}track1;seq={_sequence};rtptime={_time + (90000 / RtspCameras.Fps)}\r\n")
                    && play(this);
            case "TEARDOWN":
                _ = Reply(headers);
                return false;
            default:
                return Reply(headers);
        }
    }

    // Cameras of one video begin at different key frames, so that they are not in step.
    private void Choose(string url)
    {
        var name = url.TrimEnd('/').Split('/')[^1].Replace("cam", "", StringComparison.Ordinal);
        var camera = int.TryParse(name, CultureInfo.InvariantCulture, out var number) ? number : 0;
        _video = videos[camera % videos.Count];
        _next = _video.Keys[camera / videos.Count % _video.Keys.Count];
        _scratch = new byte[_video.Largest];
    }

    private bool Reply(string headers, string body = "")
    {
        lock (_lock)
        {
            _rest = (byte[])[.. _rest.Span, .. Encoding.ASCII.GetBytes($"RTSP/1.0 200 OK\r\n{headers}\r\n{body}")];
            Flush();
            return true;
        }
    }

    // False: something is left.
    private bool Flush()
    {
        socket.Blocking = false;
        while (_rest.Length > 0)
        {
            var sent = socket.Send(_rest.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                return false;
            }

            if (error != SocketError.Success)
            {
                IsGone = true;
                return false;
            }

            _rest = _rest[sent..];
        }

        return true;
    }
}
