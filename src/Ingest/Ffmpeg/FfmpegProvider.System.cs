using System.ComponentModel;
using System.Diagnostics;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts ffmpeg with System.Diagnostics.Process and reads it through an ordinary pipe.</summary>
public sealed class FfmpegProvider(TimeProvider time) : IFfmpegProvider
{
    /// <summary>How long a child may take to leave by itself, saying goodbye to the camera.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public string Name => "System.Diagnostics.Process";

    public string Version => Environment.Version.ToString();

    public IFfmpegRun Start(FfmpegTool tool, FfmpegCommand command)
    {
        try
        {
            return new Run(
                ChildProcesses.Start(new ProcessStartInfo(
                    tool.Path, ["-nostdin", .. command.Before, "-i", command.Input, .. command.After, "pipe:1"])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    RedirectStandardInput = true,
                }),
                time);
        }
        catch (Win32Exception broken)
        {
            throw new SourceException(SourceFault.NoFfmpeg, $"ffmpeg at {tool.Path} does not start: {broken.Message}", broken);
        }
    }

    private sealed class Run : IFfmpegRun
    {
        private readonly Process _process;
        private readonly TimeProvider _time;
        private readonly StderrTail _tail = new();
        private readonly Task _drained;
        private readonly Lazy<Task> _end;

        public Run(Process process, TimeProvider time)
        {
            (_process, _time) = (process, time);
            process.StandardInput.Close();
            Output = process.StandardOutput.BaseStream;
            _drained = _tail.DrainAsync(process.StandardError.BaseStream);
            ChildProcesses.Born();
            Exited = AwaitExitAsync();
            _end = new(EndAsync);
        }

        public Stream Output { get; }

        public IReadOnlyList<string> Lines => _tail.Lines;

        public long LineCount => _tail.Count;

        public long Complaints => _tail.Complaints;

        public Task<int> Exited { get; }

        public void Kill() => _ = _end.Value;

        public async ValueTask DisposeAsync()
        {
            await _end.Value;
            await Output.DisposeAsync(); // a Process leaves the streams it gave away to their takers
            _process.StandardError.Dispose();
            _process.Dispose();
        }

        private async Task<int> AwaitExitAsync()
        {
            await _process.WaitForExitAsync();
            ChildProcesses.Reaped();
            await _drained;
            return _process.ExitCode;
        }

        private async Task EndAsync()
        {
            if (!Exited.IsCompleted && !_process.HasExited)
            {
                ChildProcesses.Terminate(_process.Id);
                await ((Task)Exited).WaitAsync(Grace, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (!Exited.IsCompleted)
            {
                _process.Kill();
            }

            await Exited;
        }
    }
}
