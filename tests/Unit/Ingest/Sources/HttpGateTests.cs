using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Sources;

/// <summary>The real gate on loopback, asked as ffmpeg asks.</summary>
public sealed class HttpGateTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly FakeClock _clock = new();
    private readonly TcpListener _camera = new(IPAddress.Loopback, 0);

    public HttpGateTests() => _camera.Start();

    private int Port => ((IPEndPoint)_camera.LocalEndpoint).Port;

    public void Dispose() => _camera.Dispose();

    [Fact]
    public async Task A_stop_waits_for_no_resolver_whose_server_is_gone()
    {
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource<IPAddress[]>();
        var names = new NameLookup(_ =>
        {
            asked.SetResult();
            return never.Task;
        });
        var gate = Gate("http://cam.test/live", names: names);
        var answer = AskAsync(gate, "http://cam.test/live");
        await asked.Task.WaitAsync(Soon);

        await gate.DisposeAsync().AsTask().WaitAsync(Soon);
        await answer.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_name_that_is_not_found_in_time_is_a_camera_that_does_not_answer()
    {
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource<IPAddress[]>();
        await using var gate = Gate("http://cam.test/live", names: new(_ =>
        {
            asked.SetResult();
            return never.Task;
        }));
        var answer = AskAsync(gate, "http://cam.test/live");
        await asked.Task.WaitAsync(Soon);
        _clock.Advance(TimeSpan.FromSeconds(15));

        Assert.StartsWith("HTTP/1.1 403", await answer.WaitAsync(Soon), StringComparison.Ordinal);
        Assert.Equal(SourceFault.Timeout, gate.Fault!.Fault);
    }

    [Fact]
    public async Task A_name_that_none_can_have_is_not_found_rather_than_an_error_of_this_program()
    {
        var url = $"http://{string.Join('.', Enumerable.Repeat(new string('a', 60), 5))}/live";
        await using var gate = Gate(url);
        Assert.StartsWith("HTTP/1.1 403", await AskAsync(gate, url), StringComparison.Ordinal);
        Assert.Equal(SourceFault.Unreachable, gate.Fault!.Fault);
    }

    [Fact]
    public async Task What_nobody_foresaw_is_told_and_ends_no_other_connection()
    {
        var isFirst = true;
        await using var gate = Gate($"http://cam.test:{Port}/", names: new(_ => isFirst
            ? throw new NotSupportedException("a resolver's")
            : Task.FromResult<IPAddress[]>([IPAddress.Loopback])));
        Assert.StartsWith("HTTP/1.1 403", await AskAsync(gate, $"http://cam.test:{Port}/"), StringComparison.Ordinal);
        Assert.Equal(SourceFault.Internal, gate.Fault!.Fault);
        isFirst = false;
        Assert.Equal("a frame", await AskThroughAsync(gate, $"http://cam.test:{Port}/"));
    }

    [Theory]
    [InlineData("http://0.0.0.0:{0}/live")]
    [InlineData("http://127.0.0.1:{0}/live")]
    public async Task A_camera_on_this_machine_is_reached_by_any_address_of_it(string url)
    {
        url = url.Replace("{0}", $"{Port}", StringComparison.Ordinal);
        await using var gate = Gate(url);
        Assert.Equal("a frame", await AskThroughAsync(gate, url));
        Assert.Null(gate.Fault);
    }

    [Fact]
    public async Task What_was_refused_once_is_no_reason_after_a_connection_that_was_made()
    {
        await using var gate = Gate($"http://127.0.0.1:{Port}/live");
        await AskAsync(gate, "http://192.0.2.1/advertising.ts");
        Assert.Equal(SourceFault.Redirected, gate.Fault!.Fault);
        await AskThroughAsync(gate, $"http://127.0.0.1:{Port}/live");
        Assert.Null(gate.Fault);
    }

    [Fact]
    public async Task An_accept_that_fails_for_want_of_files_is_tried_again()
    {
        var calls = 0;
        await using var gate = Gate($"http://127.0.0.1:{Port}/live", accept: (listener, cancel) => calls++ < 20
            ? throw new SocketException((int)SocketError.TooManyOpenSockets)
            : listener.AcceptTcpClientAsync(cancel));
        Assert.Equal(SourceFault.HostLimit, gate.Fault!.Fault);
        var answer = AskThroughAsync(gate, $"http://127.0.0.1:{Port}/live");
        var since = Stopwatch.GetTimestamp();
        while (!answer.IsCompleted && Stopwatch.GetElapsedTime(since) < Soon)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(2)));
        }

        Assert.Equal("a frame", await answer.WaitAsync(Soon));
    }

    [Fact]
    public void No_port_or_file_for_a_gate_is_a_limit_of_this_machine()
    {
        var none = Assert.Throws<SourceException>(() => new HttpGate(
            Address("http://10.0.0.5/live"), Rules("http://10.0.0.5/live"), _clock,
            listen: () => throw new SocketException((int)SocketError.TooManyOpenSockets)));
        Assert.Equal(SourceFault.HostLimit, none.Fault);
    }

    [Theory]
    [InlineData("http://10.0.0.5/live", null, true)]
    [InlineData("https://10.0.0.5/live", "", true)]
    [InlineData("http://10.0.0.5/live", "proxy.lan:3128", true)] // which ffmpeg passes over
    [InlineData("http://10.0.0.5/live", "http://proxy.lan:3128", false)]
    [InlineData("rtsp://10.0.0.5/live", null, false)]
    public async Task The_proxy_of_the_site_goes_before_ours(string url, string? siteProxy, bool isOurs)
    {
        await using var gate = HttpGate.For(Address(url), new() { Url = url }, _clock, siteProxy);
        Assert.Equal(isOurs, gate is not null);
        var start = new ProcessStartInfo("ffmpeg");
        start.Environment["http_proxy"] = siteProxy;
        FfmpegLauncher.UseProxy(start, gate?.Proxy);
        Assert.Equal(isOurs ? gate!.Proxy : siteProxy, start.Environment["http_proxy"]);
    }

    private static SourceAddress Address(string url) =>
        SourceAddress.TryParse(url, out var address) ? address : throw new InvalidOperationException();

    private static RedirectRules Rules(string url) => new(new Uri(url), []);

    private HttpGate Gate(
        string url, NameLookup? names = null, Func<TcpListener, CancellationToken, ValueTask<TcpClient>>? accept = null) =>
        new(Address(url), Rules(url), _clock, names, accept: accept);

    /// <summary>What the camera says, where the gate lets a request through to it.</summary>
    private async Task<string> AskThroughAsync(HttpGate gate, string url)
    {
        var answer = AskAsync(gate, url);
        using var camera = await _camera.AcceptTcpClientAsync().WaitAsync(Soon);
        await camera.GetStream().ReadAtLeastAsync(new byte[4096], 1).AsTask().WaitAsync(Soon); // unread, it would be a reset
        await camera.GetStream().WriteAsync("a frame"u8.ToArray());
        camera.Close();
        return await answer.WaitAsync(Soon);
    }

    private static async Task<string> AskAsync(HttpGate gate, string url)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(gate.Proxy).Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {url} HTTP/1.1\r\n\r\n"));
        using var answer = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(answer).WaitAsync(Soon);
        }
        catch (IOException)
        {
            // Cut, which is an answer too.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
