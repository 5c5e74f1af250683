using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Gpu;

/// <summary>Whether the device says what the CPU says: the same weights and clips, in float32 on the CPU and in
/// each kind of number on the device.</summary>
internal sealed class GpuAgreement(string preset, BenchModel exact, BenchModel model, GpuBenchOptions asked, ILoggerFactory log)
{
    // Several runs, so that a run that answered the clips of the last one would show.
    private const int Clips = 8;
    private const int Batch = 2;

    public void Compare(Action<GpuAnswers> onResult)
    {
        var input = exact.Card.Input;
        var frames = Frames(Clips, input.Frames, input.Size.Width, input.Size.Height);
        var classes = exact.Card.Labels.Count;
        var expected = Answers(
            exact, frames,
            new(new() { Device = DeviceRequest.Cpu, Threads = Environment.ProcessorCount }, log.CreateLogger<OnnxSessionFactory>()));
        (string Numbers, BenchModel Model, bool AllowsTf32)[] cases =
            [
                ("fp32", exact, false), ("tf32", exact, true),
                .. asked.Precision == Models.Graphs.Precision.Fp16 ? [("fp16", model, true)] : Array.Empty<(string, BenchModel, bool)>(),
            ];
        foreach (var one in cases)
        {
            var actual = Answers(one.Model, frames, GpuParts.Factory(asked, log, one.AllowsTf32));
            var (logit, probability, top1) = GpuFigures.Difference(expected, actual, classes);
            onResult(new(preset, one.Numbers, Clips, logit, probability, top1, expected.Max(Math.Abs)));
        }
    }

    private static float[] Answers(BenchModel one, byte[] frames, OnnxSessionFactory factory)
    {
        using var loop = new GraphLoop(Path.Combine(one.Folder, one.Card.Model.Path), factory);
        return loop.Answers(frames, Batch);
    }

    // Noise over blocks of different grey: clips that differ from each other as much as from themselves a moment later.
    private static byte[] Frames(int clips, int length, int width, int height)
    {
        const int Block = 28, Grain = 40;
        var random = new Random(7);
        var bytes = new byte[(long)clips * length * height * width * 3];
        var at = 0;
        for (var frame = 0; frame < clips * length; frame++)
        {
            var greys = new byte[(height / Block + 1) * (width / Block + 1)];
            random.NextBytes(greys);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width * 3; x++)
                {
                    bytes[at++] =
                        (byte)Math.Clamp(greys[(y / Block * (width / Block + 1)) + (x / 3 / Block)] + random.Next(-Grain, Grain), 0, 255);
                }
            }
        }

        return bytes;
    }
}
