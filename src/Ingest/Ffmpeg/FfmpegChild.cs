using System.Diagnostics;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>A running ffmpeg: its output is read by whoever owns it, its standard error is drained here, its end is awaited here.</summary>
internal sealed class FfmpegChild : IFfmpegChild
{
    /// <summary>How long a child may take to leave by itself, saying goodbye to the camera.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly int _id;
    private readonly TimeProvider _time;
    private readonly StderrTail _tail = new();
    private readonly Task _drained;
    private readonly Lazy<Task> _end;

    /// <param name="script">What it reads on its standard input.</param>
    /// <param name="takesInput">Its standard input is left open.</param>
    public FfmpegChild(Process process, TimeProvider time, string? script = null, bool takesInput = false)
    {
        (_process, _id, _time) = (process, process.Id, time);
        if (takesInput)
        {
            Input = process.StandardInput.BaseStream;
        }
        else
        {
            try
            {
                process.StandardInput.Write(script); // less than a pipe holds
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It is gone already; its last words say why.
            }
        }

        Output = process.StandardOutput.BaseStream;
        _drained = _tail.DrainAsync(process.StandardError.BaseStream);
        ChildProcesses.Started();
        Exited = AwaitExitAsync();
        _end = new(EndAsync);
    }

    public Stream Output { get; }

    public Stream? Input { get; }

    public IReadOnlyList<string> Lines => _tail.Lines;

    public long LineCount => _tail.Count;

    public long Complaints => _tail.Complaints;

    public int Packets => _tail.Packets;

    public TimeSpan? FormatChangedAt => _tail.FormatChangedAt;

    public Task<int> Exited { get; }

    public void Kill() => _ = _end.Value;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _end.Value;
        }
        finally
        {
            CloseInput();
            await Output.DisposeAsync(); // a Process leaves the streams it gave away to their takers
            _process.StandardError.Dispose();
            _process.Dispose();
        }
    }

    private void CloseInput()
    {
        try
        {
            Input?.Dispose();
        }
        catch (IOException)
        {
            // What was left to write is not missed.
        }
    }

    private async Task<int> AwaitExitAsync()
    {
        await _process.WaitForExitAsync();
        ChildProcesses.Exited();
        ChildProcesses.KillGroup(_id); // or our pipes stay open for as long as what it started lives
        await _drained;
        return _process.ExitCode;
    }

    private async Task EndAsync()
    {
        if (!Exited.IsCompleted && !_process.HasExited)
        {
            ChildProcesses.Terminate(_id);
            await ((Task)Exited).WaitAsync(Grace, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!Exited.IsCompleted)
        {
            ChildProcesses.Kill(_process);
        }

        await Exited;
    }
}
