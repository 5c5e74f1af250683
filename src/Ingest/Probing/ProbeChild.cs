using System.Diagnostics;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Probing;

/// <summary>A program of ffmpeg's family that writes lines and comes to an end, by itself or by ours.
/// Its faults are the sources' own.</summary>
/// <param name="patience">How long it may take in all; ffmpeg's own timeouts are only as good as the protocol.</param>
internal sealed class ProbeChild(SourceAddress address, SourceOptions source, TimeProvider time, TimeSpan patience)
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    /// <summary>Its last lines on standard error.</summary>
    /// <exception cref="SourceException">It failed, with the reason; or it was silent for too long.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(
        string program, IReadOnlyList<string> arguments, Action<string> line, CancellationToken cancel)
    {
        await using var gate = HttpGate.For(address, source, time);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        FfmpegLauncher.UseProxy(start, gate?.Proxy);
        using var process = ChildProcesses.Start(start);
        process.StandardInput.Close();
        using var late = new CancellationTokenSource(patience + Slack, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        await using var kill = end.Token.Register(() => ChildProcesses.Kill(process));
        var stderr = new StderrTail();
        var complaints = stderr.DrainAsync(process.StandardError.BaseStream);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } text)
        {
            line(text);
        }

        await complaints;
        await process.WaitForExitAsync(CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        if (late.IsCancellationRequested)
        {
            throw new SourceException(SourceFault.Timeout, $"{address.Safe} did not answer within {patience.TotalSeconds:0.#} s")
            {
                Lines = stderr.Lines,
            };
        }

        if (FfmpegFaults.Read(address.Safe, isLive: false, process.ExitCode, wasCutOff: false, stderr.Lines) is { } fault)
        {
            throw gate?.Fault ?? fault;
        }

        return stderr.Lines;
    }
}
