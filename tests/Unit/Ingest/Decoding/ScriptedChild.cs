using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Unit.Ingest.Decoding;

/// <summary>A child that is no process: what it reads and writes is the test's.</summary>
internal sealed class ScriptedChild : IFfmpegChild
{
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    /// <summary>What it writes to its standard output.</summary>
    public BlockingPipe Out { get; } = new();

    /// <summary>What it reads on its standard input: a few small packets at most.</summary>
    public BlockingPipe In { get; } = new(256);

    public bool IsDisposed { get; private set; }

    public bool WasKilled { get; private set; }

    public Stream Output => Out;

    public Stream? Input => In;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public long LineCount => Lines.Count;

    public long Complaints => 0;

    public int Packets => 0;

    public TimeSpan? FormatChangedAt => null;

    /// <summary>Asked when its exit code is.</summary>
    public Action? Ending { get; init; }

    public Task<int> Exited => Ending is null ? _exited.Task : EndAsync();

    public void Says(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }

    public void Exit(int code)
    {
        Out.Dispose();
        In.Break();
        _exited.TrySetResult(code);
    }

    public void Kill()
    {
        WasKilled |= !_exited.Task.IsCompleted;
        Out.Break();
        Exit(255);
    }

    private async Task<int> EndAsync()
    {
        var code = await _exited.Task;
        Ending!();
        return code;
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
