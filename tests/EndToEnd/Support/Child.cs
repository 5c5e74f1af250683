using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>A program under test's command: its lines are kept, its end is awaited, and it never outlives the test.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<(Func<string, bool> Want, TaskCompletionSource<string> Found)> _waiting = new();
    private readonly StringWriter _output = new(CultureInfo.InvariantCulture);

    public Child(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        // Should the test runner die, so does the child.
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Parts.Root,
        };
        start.Environment["PATH"] += ":/usr/sbin:" + Path.Combine(Parts.Root, "artifacts/tools/usr/bin");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Spawner.Start(start);
        _process.OutputDataReceived += (_, line) => Take(line.Data, isOutput: true);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, isOutput: false);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Both outputs so far, line by line.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Standard output so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public string All => string.Join('\n', _lines);

    /// <summary>The first line, past or to come, that is wanted.</summary>
    public async Task<string> LineAsync(Func<string, bool> want, TimeSpan patience)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((want, found));
        if (_lines.FirstOrDefault(want) is { } past)
        {
            found.TrySetResult(past);
        }

        try
        {
            return await found.Task.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"no such line within {patience}; the program said:\n{All}");
        }
    }

    public async Task<int> ExitAsync(TimeSpan patience)
    {
        using var end = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(end.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"did not end within {patience}; it said:\n{All}");
        }
    }

    public void Signal(string name) => Processes.Signal(Id, name);

    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Take(string? line, bool isOutput)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (isOutput)
        {
            lock (_output)
            {
                _output.WriteLine(line);
            }
        }

        foreach (var (want, found) in _waiting)
        {
            if (want(line))
            {
                found.TrySetResult(line);
            }
        }
    }

    /// <summary>A parent-death signal comes when the thread that started the child ends, so all are started from one that stays.</summary>
    private static class Spawner
    {
        private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Orders = [];

        static Spawner() => new Thread(Run) { IsBackground = true, Name = "spawner" }.Start();

        public static Process Start(ProcessStartInfo start)
        {
            var started = new TaskCompletionSource<Process>();
            Orders.Add((start, started));
            return started.Task.GetAwaiter().GetResult();
        }

        private static void Run()
        {
            foreach (var (start, started) in Orders.GetConsumingEnumerable())
            {
                try
                {
                    started.SetResult(Process.Start(start)!);
                }
                catch (Exception failed)
                {
                    started.SetException(failed);
                }
            }
        }
    }
}
