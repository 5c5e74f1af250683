using ActionStream.Bench;
using ActionStream.Bench.Gpu;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Models.Graphs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Both ways of running a session, without a GPU: as on the CPU, and as on a GPU whose driver pins nothing.</summary>
public sealed class BoundSessionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-bound-").FullName;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_run_sees_what_was_written_since_the_last(bool isGpu)
    {
        using var session = new InferenceSession(Doubling());
        using var bound = new BoundSession(
            session, new("bytes", TensorElementType.UInt8, [3]), new("doubled", TensorElementType.Float, [3]), [1, 2, 4], isGpu, device: 0,
            new("negative", TensorElementType.Float, [3]));

        for (byte run = 1; run < 5; run++)
        {
            for (byte row = 0; row < run; row++)
            {
                bound.Row(row).Fill((byte)((10 * run) + row));
            }

            var doubled = Enumerable.Range(0, run).SelectMany(row => Enumerable.Repeat(2f * ((10 * run) + row), 3)).ToArray();
            Assert.Equal(doubled, bound.Run(run).ToArray());
            Assert.Equal(doubled, bound.Run(run, out var negative).ToArray());
            Assert.Equal(doubled.Select(number => -number), negative.ToArray());
        }
    }

    [Fact]
    public void Memory_that_cannot_be_pinned_is_ordinary_and_says_why()
    {
        using var session = new InferenceSession(Doubling());
        using var asked = new HostMemory(session, 64, isPinned: true, device: 0);
        using var ordinary = new HostMemory(session, 64, isPinned: false, device: 0);

        Assert.False(string.IsNullOrWhiteSpace(asked.PinProblem));
        Assert.NotEqual(0, asked.Address);
        Assert.Equal(0, asked.Address % 64);
        Assert.Null(ordinary.PinProblem);
    }

    [Fact]
    public void A_loop_fed_once_and_one_fed_with_every_run_both_end_and_answers_follow_the_rows()
    {
        using var loop = new GraphLoop(Doubling(), new(new InferenceOptions { Device = DeviceRequest.Cpu }, NullLogger.Instance));
        foreach (var feeding in Enum.GetValues<Feeding>())
        {
            Assert.InRange(loop.SecondsPerRun(4, 2, feeding, TimeSpan.FromMilliseconds(20), TimeProvider.System), 1e-9, 1);
        }

        byte[] rows = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        Assert.Equal(rows.Select(number => 2f * number), loop.Answers(rows, batch: 2)); // two rows, then the one that is left
        Assert.Equal("cpu", loop.Device);
    }

    [Theory]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.F32)]
    public void The_products_of_the_roofline_stay_as_large_as_their_factors(ElementType numbers)
    {
        const int N = 256;
        var path = Path.Combine(_folder, "products.onnx");
        GpuGraphs.SaveProducts(path, N, products: 16, numbers);
        using var loop = new GraphLoop(path, new(new InferenceOptions { Device = DeviceRequest.Cpu }, NullLogger.Instance));
        var bytes = new byte[N * N];
        new Random(3).NextBytes(bytes);

        var column = loop.Answers(bytes, batch: N);

        Assert.Equal(N, column.Length);
        // zeros would cost the device nothing
        Assert.InRange(Math.Sqrt(column.Average(number => (double)number * number)) * Math.Sqrt(N), 0.05, 20);
    }

    [Fact]
    public void A_run_that_fails_ends_the_loop_with_its_reason()
    {
        var graph = new Graph("two");
        graph.Output("doubled", graph.Input("numbers", ElementType.F32, [2, 3]) * 2);
        var path = Path.Combine(_folder, "two.onnx");
        OnnxFile.Save(graph, path);
        using var loop = new GraphLoop(path, new(new InferenceOptions { Device = DeviceRequest.Cpu }, NullLogger.Instance));

        var failed = Assert.Throws<OnnxRuntimeException>(
            () => loop.SecondsPerRun(5, 2, Feeding.EveryRun, TimeSpan.FromSeconds(1), TimeProvider.System));
        Assert.Contains("Expected: 2", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_names_every_kernel_and_where_it_ran()
    {
        var placed = GraphPlacement.Of(Doubling(), new(new InferenceOptions { Device = DeviceRequest.Cpu }, NullLogger.Instance), _folder);

        Assert.Contains(("Cast", "CPUExecutionProvider"), placed.Nodes);
        Assert.Empty(Directory.EnumerateFiles(_folder, "profile*"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Doubling()
    {
        var graph = new Graph("doubling");
        var bytes = graph.Input("bytes", ElementType.U8, ["N", 3]).Cast(ElementType.F32);
        graph.Output("doubled", bytes * 2);
        graph.Output("negative", bytes * -2);
        var path = Path.Combine(_folder, "doubling.onnx");
        OnnxFile.Save(graph, path);
        return path;
    }
}
