using System.Collections.Concurrent;
using System.Collections.Specialized;
using System.Net;
using Google.Protobuf;

namespace ActionStream.Support;

/// <summary>A collector that takes OTLP over http/protobuf and keeps what it is sent.</summary>
public sealed class OtlpCollector : IDisposable
{
    private readonly HttpListener _http = new();
    private readonly BlockingCollection<Request> _requests = [];
    private readonly int _answer;

    /// <param name="answer">Status of every answer; 0 for none at all.</param>
    public OtlpCollector(int answer = 200)
    {
        _answer = answer;
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _http.Prefixes.Add(Address + "/");
        _http.Start();
        new Thread(Receive) { IsBackground = true, Name = "collector" }.Start();
    }

    public string Address { get; }

    /// <summary>The next request, past or to come.</summary>
    public Request Next(TimeSpan patience) =>
        _requests.TryTake(out var request, patience) ? request : throw new TimeoutException($"the collector heard nothing for {patience}");

    public void Dispose() => _http.Close();

    private void Receive()
    {
        try
        {
            while (true)
            {
                var context = _http.GetContext();
                using var body = new MemoryStream();
                context.Request.InputStream.CopyTo(body);
                var asked = context.Request;
                _requests.Add(new(asked.Url!.AbsolutePath, asked.ContentType ?? "", asked.Headers, new(body.ToArray())));
                if (_answer != 0)
                {
                    context.Response.StatusCode = _answer;
                    context.Response.Close();
                }
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            _requests.CompleteAdding();
        }
    }

    /// <summary>ExportTraceServiceRequest: field 1 holds a resource (1) and scopes (2), each with its spans (2).</summary>
    public sealed record Request(string Path, string Type, NameValueCollection Headers, Message Body)
    {
        public IReadOnlyDictionary<string, object> Resource => Attributes(Body.Inner(1).Single().Inner(1).Single(), 1);

        public IReadOnlyList<Span> Spans =>
            [.. Body.Inner(1).SelectMany(one => one.Inner(2)).SelectMany(scope => scope.Inner(2)).Select(Span.Of)];

        internal static IReadOnlyDictionary<string, object> Attributes(Message owner, int field) => owner.Inner(field).ToDictionary(
            pair => pair.Text(1),
            pair => pair.Inner(2).Single().Fields.Single() switch
            {
                (3, ulong number) => (long)number,
                (4, ulong number) => BitConverter.UInt64BitsToDouble(number),
                (_, ByteString text) => text.ToStringUtf8(),
                var (_, other) => other,
            });
    }

    /// <summary>One span, times in nanoseconds since 1970.</summary>
    public sealed record Span(
        string Trace, string Id, string Parent, string Name, ulong Start, ulong End, IReadOnlyDictionary<string, object> Attributes)
    {
        public static Span Of(Message span) => new(
            span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Number(7), span.Number(8), Request.Attributes(span, 9));
    }

    /// <summary>A protobuf message without its schema.</summary>
    public sealed class Message
    {
        public Message(byte[] bytes)
        {
            using var read = new CodedInputStream(bytes);
            while (read.ReadTag() is var tag and not 0)
            {
                object value = WireFormat.GetTagWireType(tag) switch
                {
                    WireFormat.WireType.Varint => read.ReadUInt64(),
                    WireFormat.WireType.Fixed64 => read.ReadFixed64(),
                    WireFormat.WireType.Fixed32 => (ulong)read.ReadFixed32(),
                    _ => read.ReadBytes(),
                };
                Fields.Add((WireFormat.GetTagFieldNumber(tag), value));
            }
        }

        public List<(int Field, object Value)> Fields { get; } = [];

        public IEnumerable<Message> Inner(int field) => Values<ByteString>(field).Select(bytes => new Message(bytes.ToByteArray()));

        public string Text(int field) => Values<ByteString>(field).SingleOrDefault()?.ToStringUtf8() ?? "";

        public string Hex(int field) => Convert.ToHexStringLower(Values<ByteString>(field).SingleOrDefault(ByteString.Empty).Span);

        public ulong Number(int field) => Values<ulong>(field).SingleOrDefault();

        private IEnumerable<T> Values<T>(int field) => Fields.Where(one => one.Field == field).Select(one => (T)one.Value);
    }
}
