using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using ActionStream.Core.Configuration;
using FFMpegCore;
using FFMpegCore.Pipes;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts ffmpeg with FFMpegCore: its command line, its process, its pipe to our sink.</summary>
/// <remarks>FFMpegCore starts whatever is called "ffmpeg" in a folder; ours holds a script, see <see cref="FfmpegScript"/>.</remarks>
public sealed class FfmpegProvider : IFfmpegProvider
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <param name="time">Unused here: FFMpegCore's grace runs on the system's clock.</param>
    public FfmpegProvider(TimeProvider time) => _ = time;

    public string Name => "FFMpegCore";

    public string Version => PackageVersion.Of("FFMpegCore");

    public IFfmpegRun Start(FfmpegTool tool, FfmpegCommand command)
    {
        var errors = new ErrorPipe();
        try
        {
            return new Run(tool, command, errors);
        }
        catch (Exception broken)
        {
            errors.Dispose();
            throw new SourceException(SourceFault.NoFfmpeg, $"ffmpeg at {tool.Path} does not start: {broken.Message}", broken);
        }
    }

    private static string Quote(IEnumerable<string> words) => string.Join(' ', words.Select(word => $"\"{Escape(word)}\""));

    // As .NET takes a command line apart: backslashes count only before a quote, and there twice.
    private static string Escape(string word)
    {
        var text = new StringBuilder(word.Length + 8);
        var backslashes = 0;
        foreach (var letter in word)
        {
            text.Append('\\', letter == '"' ? backslashes + 1 : 0).Append(letter);
            backslashes = letter == '\\' ? backslashes + 1 : 0;
        }

        return text.Append('\\', backslashes).ToString();
    }

    private sealed class Run : IFfmpegRun
    {
        private readonly LateStream _output = new();
        private readonly CancellationTokenSource _leave = new();
        private readonly StderrTail _tail = new();
        private readonly ErrorPipe _errors;
        private readonly Lazy<Task> _end;

        public Run(FfmpegTool tool, FfmpegCommand command, ErrorPipe errors)
        {
            _errors = errors;
            var processor = FFMpegArguments
                .FromFileInput(Escape(command.Input), verifyExists: false, options => options.WithCustomArgument(
                    Quote([errors.Path, tool.Path, .. command.Before])))
                .OutputToPipe(new StreamPipeSink((pipe, _) => Take(pipe)), options => options.WithCustomArgument(Quote(command.After)))
                .CancellableThrough(_leave.Token, (int)Grace.TotalMilliseconds);
            var processing = ChildProcesses.OnSpawner(() => processor.ProcessAsynchronously(
                throwOnError: false, new FFOptions { BinaryFolder = FfmpegScript.Folder, WorkingDirectory = Environment.CurrentDirectory }));
            ChildProcesses.Born();
            Exited = AwaitExitAsync(processing, errors.DrainAsync(_tail));
            _end = new(EndAsync);
        }

        public Stream Output => _output;

        public IReadOnlyList<string> Lines => _tail.Lines;

        public long LineCount => _tail.Count;

        public long Complaints => _tail.Complaints;

        public Task<int> Exited { get; }

        public void Kill() => _ = _end.Value;

        public async ValueTask DisposeAsync()
        {
            await _end.Value;
            await _output.DisposeAsync();
            _leave.Dispose();
            _errors.Dispose();
        }

        // FFMpegCore disposes its pipe when ffmpeg exits, with what is still in it: the last pictures of a file.
        // A handle of our own keeps them.
        private Task Take(Stream pipe)
        {
            _output.Open(new NetworkStream(NativeFiles.Duplicate(((PipeStream)pipe).SafePipeHandle), ownsSocket: true));
            return Task.CompletedTask;
        }

        private async Task<int> AwaitExitAsync(Task<bool> processing, Task drained)
        {
            // It fails where its pipe broke, or where it was cancelled: either way the child is gone.
            await ((Task)processing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ChildProcesses.Reaped();
            _output.Open(Stream.Null); // it never connected: there is nothing to read
            _errors.End();
            await drained;

            // FFMpegCore tells good from bad and no more.
            return processing.IsCompletedSuccessfully && processing.Result ? 0 : 1;
        }

        private async Task EndAsync()
        {
            if (!Exited.IsCompleted)
            {
                // Asks with a "q", waits for the grace, kills. It may stumble over a child that ends meanwhile.
                await Task.Run(_leave.Cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Exited;
        }
    }
}
