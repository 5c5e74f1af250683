using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ActionStream.Publish.Mqtt;

/// <summary>A mosquitto of our own as a child process. It keeps nothing on disk and does not outlive us.</summary>
internal sealed class MosquittoBroker : IMqttBroker
{
    private const int Attempts = 5;
    private const int LinesKept = 20;

    private readonly TaskCompletionSource<bool> _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _launched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _said = new();
    private Process? _process;

    private MosquittoBroker(int port) => Port = port;

    public string Host => "127.0.0.1";

    public int Port { get; }

    public static async Task<IMqttBroker> StartAsync(CancellationToken cancel)
    {
        var program = FindProgram()
            ?? throw new MqttException(MqttFault.NoLibrary, "mosquitto is not installed; install the package mosquitto (make setup does)");
        // mosquitto cannot choose a free port itself, and one found free may be gone a moment later.
        for (var attempt = 1; ; attempt++)
        {
            var broker = new MosquittoBroker(FreePort());
            try
            {
                if (await broker.TryStartAsync(program, cancel))
                {
                    return broker;
                }
            }
            catch (OperationCanceledException)
            {
                await broker.DisposeAsync();
                throw;
            }

            await broker.DisposeAsync();
            if (attempt == Attempts)
            {
                throw new MqttException(MqttFault.Refused, $"mosquitto does not start: {broker.LastWords}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _launched.Task;
        lock (_said)
        {
            _process?.Kill();
        }

        await _exited.Task;
    }

    private string LastWords
    {
        get
        {
            lock (_said)
            {
                return string.Join(" / ", _said);
            }
        }
    }

    private async Task<bool> TryStartAsync(string program, CancellationToken cancel)
    {
        // The kernel ends the child when the thread that started it ends, so that thread lives as long as the child.
        new Thread(() => Supervise(program)) { IsBackground = true, Name = "mqtt broker" }.Start();
        using var _ = cancel.Register(() => _running.TrySetCanceled(cancel));
        return await _running.Task;
    }

    private void Supervise(string program)
    {
        try
        {
            var process = Start(program);
            lock (_said)
            {
                _process = process;
            }

            _launched.TrySetResult();
            Configure(process);
            while (process.StandardError.ReadLine() is { } line)
            {
                Heard(line);
            }

            process.WaitForExit();
        }
        catch (Exception broken) when (broken is IOException or System.ComponentModel.Win32Exception)
        {
            Heard(broken.Message);
        }
        finally
        {
            lock (_said)
            {
                _process?.Dispose();
                _process = null;
            }

            _launched.TrySetResult();
            _running.TrySetResult(false);
            _exited.TrySetResult();
        }
    }

    private void Configure(Process process)
    {
        process.StandardInput.Write(FormattableString.Invariant(
            $"""
            listener {Port} {Host}
            allow_anonymous true
            persistence false
            user {Environment.UserName}
            log_dest stderr
            log_type error
            log_type warning
            log_type notice
            log_type information

            """));
        process.StandardInput.Close();
    }

    // `user` above keeps mosquitto from changing to its own account: the kernel would then forget whose death it is bound to.
    private static Process Start(string program)
    {
        var start = new ProcessStartInfo("setpriv") { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--pdeathsig", "KILL", "--", program, "-c", "/dev/stdin"])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private void Heard(string line)
    {
        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > LinesKept)
            {
                _said.Dequeue();
            }
        }

        if (line.EndsWith(" running", StringComparison.Ordinal))
        {
            _running.TrySetResult(true);
        }
    }

    private static string? FindProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, "mosquitto")).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
