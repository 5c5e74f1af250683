namespace ActionStream.Ingest.Ffmpeg;

/// <summary>A named pipe for one child's standard error.</summary>
internal sealed class ErrorPipe : IDisposable
{
    private static int _number;

    private FileStream? _last;

    public ErrorPipe() => NativeFiles.MakePipe(Path);

    public string Path { get; } = System.IO.Path.Combine(FfmpegScript.Folder, $"stderr-{Interlocked.Increment(ref _number)}");

    /// <summary>Reads on a thread of its own until the child is gone: opening waits for the child, and reading for its words.</summary>
    public Task DrainAsync(StderrTail tail) => Task.Factory.StartNew(
        () => Drain(tail), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Tells the reader that nothing more will come, even if the child never opened its end.</summary>
    public void End()
    {
        // Open for both ways, which never waits. The zero byte is the end; ffmpeg writes none.
        _last = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _last.WriteByte(0);
    }

    public void Dispose()
    {
        _last?.Dispose();
        File.Delete(Path);
    }

    private void Drain(StderrTail tail)
    {
        using var pipe = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[4096];
        for (int count; (count = pipe.Read(buffer)) > 0 && buffer[count - 1] != 0;)
        {
            tail.Append(buffer.AsSpan(0, count));
        }
    }
}
