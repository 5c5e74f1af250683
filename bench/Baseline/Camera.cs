using System.Diagnostics;
using System.Globalization;

namespace Baseline;

/// <summary>One camera: a child that decodes, a thread that keeps its newest frames, a loop that asks the model at every hop.</summary>
internal sealed class Camera(string name, string source, Arguments arguments, Model model, Publisher publisher)
{
    private readonly object _lock = new();
    private readonly byte[] _ring = new byte[model.Frames * model.FrameBytes];
    private readonly List<double> _latencies = [];
    private readonly TaskCompletionSource _isRunning = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Thread> _threads = [];
    private Process? _ffmpeg;
    private long _frames;
    private long _arrivedAt;
    private bool _isOver;

    public string Name => name;

    /// <summary>The first decision has been made.</summary>
    public Task IsRunning => _isRunning.Task;

    /// <summary>Why the camera ended before it was told to.</summary>
    public string? Problem { get; private set; }

    public int Decisions { get; private set; }

    /// <summary>Windows that were due while the one before was still being decided.</summary>
    public int Dropped { get; private set; }

    /// <summary>Decisions that were published when the next one was already due.</summary>
    public int Late { get; private set; }

    /// <summary>From the arrival of a window's last frame until its answer is published, in milliseconds.</summary>
    public IReadOnlyList<double> Latencies => _latencies;

    public int Child => _ffmpeg?.Id ?? 0;

    public void Start()
    {
        var child = Process.Start(new ProcessStartInfo("ffmpeg", Ffmpeg()) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("ffmpeg does not start");
        _ffmpeg = child;
        _threads.Add(new Thread(() => Read(child.StandardOutput.BaseStream)) { Name = $"{name} reader" });
        _threads.Add(new Thread(Decide) { Name = $"{name} decisions" });
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>From here on everything is counted anew: what came before was starting up.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            (Decisions, Dropped, Late) = (0, 0, 0);
            _latencies.Clear();
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }

        if (_ffmpeg is { } child)
        {
            child.Kill();
            child.WaitForExit();
            _threads.ForEach(thread => thread.Join()); // nobody publishes any more
            child.Dispose();
        }
    }

    private string[] Ffmpeg()
    {
        string[] input = source.StartsWith("rtsp", StringComparison.Ordinal)
            ? ["-rtsp_transport", "tcp", "-probesize", "32", "-analyzeduration", "0", "-fflags", "nobuffer", "-flags", "low_delay"]
            : source.Contains("://", StringComparison.Ordinal) ? ["-fflags", "nobuffer"] : ["-re", "-stream_loop", "-1"];

        // The picture nearest to each point of a grid, before it is scaled: as often as fps= would, but never one twice.
        var d = (1.0 / arguments.Fps).ToString("0.########", CultureInfo.InvariantCulture);
        var thin = "select='if(isnan(prev_t)+lt(t,prev_t),st(0,-1e18));"
            + $"st(1,floor((t+0.00000127)/{d}+0.5));"
            + $"if(gt(ld(1),ld(0))*gte(t+0.00000127+if(isnan(prev_t)+lt(t,prev_t),{d},min(t-prev_t,{d}))/2,ld(1)*{d}),1+0*st(0,ld(1)))'";
        var (w, h) = (model.Width, model.Height);
        var fit = $"scale=w='max({w},round({h}*dar))':h='max({h},round({w}/dar))':flags=bilinear,format=rgb24,crop={w}:{h}";
        return
        [
            "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-filter_threads", "1", "-threads", "1", .. input, "-i", source,
            "-map", "0:v:0", "-vf", $"{thin},{fit}", "-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24",
            "-flush_packets", "1", "pipe:1",
        ];
    }

    private void Read(Stream pipe)
    {
        try
        {
            var frame = new byte[model.FrameBytes];
            while (!_isOver)
            {
                pipe.ReadExactly(frame);
                lock (_lock)
                {
                    frame.CopyTo(_ring, _frames % model.Frames * model.FrameBytes);
                    _frames++;
                    _arrivedAt = Stopwatch.GetTimestamp();
                    Monitor.PulseAll(_lock);
                }
            }
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            lock (_lock)
            {
                Problem = _isOver ? null : $"{name}: ffmpeg ended: {broken.Message}";
                _isOver = true;
                Monitor.PulseAll(_lock);
            }

            _isRunning.TrySetResult();
        }
    }

    private void Decide()
    {
        using var slot = model.CreateSlot();
        for (var due = (long)model.Frames; ;)
        {
            long arrivedAt;
            lock (_lock)
            {
                while (_frames < due && !_isOver)
                {
                    Monitor.Wait(_lock);
                }

                if (_isOver)
                {
                    return;
                }

                var missed = (_frames - due) / arguments.Hop; // the newest counts; those in between will never be asked
                Dropped += (int)missed;
                due += (missed + 1) * arguments.Hop;
                arrivedAt = _arrivedAt;
                var oldest = (int)(_frames % model.Frames) * model.FrameBytes;
                _ring.AsSpan(oldest).CopyTo(slot.Window);
                _ring.AsSpan(0, oldest).CopyTo(slot.Window.AsSpan(_ring.Length - oldest));
            }

            var (best, score) = slot.Run();
            publisher.Publish(name, best, score);
            Count(Stopwatch.GetElapsedTime(arrivedAt));
        }
    }

    private void Count(TimeSpan latency)
    {
        lock (_lock)
        {
            Decisions++;
            Late += latency > arguments.HopTime ? 1 : 0;
            _latencies.Add(latency.TotalMilliseconds);
        }

        _isRunning.TrySetResult();
    }
}
