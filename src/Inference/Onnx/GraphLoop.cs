using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ActionStream.Inference.Onnx;

/// <summary>When a graph's input goes to the device.</summary>
public enum Feeding
{
    /// <summary>With every run, as the engine does.</summary>
    EveryRun,

    /// <summary>Once, so that runs only compute.</summary>
    Once,
}

/// <summary>One graph run over and over, by itself: what copying its input and computing take, alone and together.</summary>
public sealed class GraphLoop : IDisposable
{
    private const int WarmUps = 3;

    private readonly OpenedSession _opened;
    private readonly TensorPort _input;
    private readonly TensorPort _output;
    private readonly int _deviceIndex;

    /// <param name="path">Of a graph with one input; its first output is read.</param>
    public GraphLoop(string path, OnnxSessionFactory factory, int deviceIndex = 0)
    {
        (_opened, _deviceIndex) = (factory.Open(path), deviceIndex);
        var (session, name, answer) = (_opened.Session, _opened.Session.InputNames[0], _opened.Session.OutputNames[0]);
        (_input, _output) = (Port(name, session.InputMetadata[name]), Port(answer, session.OutputMetadata[answer]));
    }

    /// <summary>cpu, cuda:0</summary>
    public string Device => _opened.Device;

    /// <summary>Bytes of one row of its input.</summary>
    public long RowBytes => _input.RowBytes;

    /// <summary>Why its input lies in ordinary memory on a GPU; null where it does not. Known after a run.</summary>
    public string? PinProblem { get; private set; }

    /// <summary>Runs until the time is over, on as many threads as workers would have.</summary>
    /// <returns>Seconds from one finished run to the next, whichever worker's.</returns>
    public double SecondsPerRun(int batch, int workers, Feeding feeding, TimeSpan time, TimeProvider clock)
    {
        using var ready = new CountdownEvent(workers);
        using var go = new ManualResetEventSlim();
        var (began, ended, runs) = (0L, 0L, 0L);
        var loops = Enumerable.Range(0, workers).Select(_ =>
            Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        ready.Wait();
        Volatile.Write(ref began, clock.GetTimestamp());
        go.Set();
        Task.WhenAll(loops).GetAwaiter().GetResult();
        return clock.GetElapsedTime(began, ended).TotalSeconds / runs;

        void Loop()
        {
            Turn turn;
            try
            {
                turn = Turn.Warm(this, batch, feeding);
            }
            finally
            {
                ready.Signal(); // also where it failed: nobody waits for it indefinitely
            }

            using (turn)
            {
                go.Wait();
                do
                {
                    turn.Run();
                    Interlocked.Increment(ref runs);
                }
                while (clock.GetElapsedTime(Volatile.Read(ref began)) < time);
                lock (go)
                {
                    ended = Math.Max(ended, clock.GetTimestamp()); // giving memory back is no part of it
                }
            }
        }
    }

    /// <summary>What the graph says to some rows, in runs of a few, each fed as the engine feeds it.</summary>
    /// <returns>[rows, …]</returns>
    public float[] Answers(ReadOnlySpan<byte> rows, int batch)
    {
        using var bound = Bind(batch);
        var count = checked((int)(rows.Length / _input.RowBytes));
        var answers = new List<float>();
        for (var first = 0; first < count; first += batch)
        {
            var some = Math.Min(batch, count - first);
            for (var i = 0; i < some; i++)
            {
                rows.Slice(checked((int)((first + i) * _input.RowBytes)), checked((int)_input.RowBytes)).CopyTo(bound.Row(i));
            }

            answers.AddRange(bound.Run(some));
        }

        return [.. answers];
    }

    public void Dispose() => _opened.Session.Dispose();

    /// <returns>The file with what it ran, of a session that writes it down.</returns>
    internal string EndProfile() => _opened.Session.EndProfiling();

    private BoundSession Bind(int batch)
    {
        var bound = new BoundSession(_opened.Session, _input, _output, [batch], _opened.IsGpu, _deviceIndex);
        PinProblem ??= bound.PinProblem;
        return bound;
    }

    // Which axes are open is the batch's affair alone.
    private static TensorPort Port(string name, NodeMetadata port) =>
        new(name, port.ElementDataType, [.. port.Dimensions.Skip(1).Select(axis =>
            axis > 0 ? (long)axis : throw new NotSupportedException($"{name} has more than one open axis"))]);

    // One worker: with memory of its own that holds noise.
    private sealed class Turn : IDisposable
    {
        private readonly BoundSession _bound;
        private readonly OnDevice? _onDevice;
        private readonly int _batch;

        private Turn(GraphLoop loop, int batch, Feeding feeding)
        {
            (_bound, _batch) = (loop.Bind(batch), batch);
            var noise = new Random(); // without a seed it is ten times as fast, and only time is measured
            for (var row = 0; row < batch; row++)
            {
                Fill(_bound.Row(row), loop._input.Type, noise);
            }

            _onDevice = feeding == Feeding.Once ? new(loop._opened.Session, _bound, batch) : null;
        }

        public static Turn Warm(GraphLoop loop, int batch, Feeding feeding)
        {
            var turn = new Turn(loop, batch, feeding);
            try
            {
                for (var i = 0; i < WarmUps; i++)
                {
                    turn.Run();
                }

                return turn;
            }
            catch
            {
                turn.Dispose();
                throw;
            }
        }

        public void Run()
        {
            if (_onDevice is not null)
            {
                _onDevice.Run();
                return;
            }

            _bound.Run(_batch);
        }

        public void Dispose()
        {
            _onDevice?.Dispose();
            _bound.Dispose();
        }

        private static void Fill(Span<byte> row, TensorElementType type, Random noise)
        {
            if (type == TensorElementType.UInt8)
            {
                noise.NextBytes(row);
                return;
            }

            foreach (ref var number in MemoryMarshal.Cast<byte, float>(row))
            {
                number = noise.NextSingle() - 0.5f;
            }
        }
    }

    // ONNX Runtime copies an input to the device when it is bound: what is a trap for the engine is what is wanted here.
    private sealed class OnDevice : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly OrtIoBinding _binding;
        private readonly RunOptions _run = new();
        private readonly OrtValue _input;
        private readonly HostMemory _memory;
        private readonly OrtValue _output;

        public OnDevice(InferenceSession session, BoundSession filled, int rows)
        {
            (_session, _binding) = (session, session.CreateIoBinding());
            _memory = new HostMemory(session, filled.Output.RowBytes * rows, isPinned: false, device: 0);
            _input = View(filled.Input, AddressOf(filled.Row(0)));
            _output = View(filled.Output, _memory.Address);
            _binding.BindInput(filled.Input.Name, _input);
            _binding.BindOutput(filled.Output.Name, _output);
            _binding.SynchronizeBoundInputs();

            OrtValue View(TensorPort port, nint address) => OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, port.Type, [rows, .. port.Row], address, port.RowBytes * rows);
        }

        public void Run() => _session.RunWithBinding(_run, _binding);

        public void Dispose()
        {
            _binding.Dispose();
            _input.Dispose();
            _output.Dispose();
            _memory.Dispose();
            _run.Dispose();
        }

        private static unsafe nint AddressOf(Span<byte> native) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(native));
    }
}
