using System.Diagnostics;
using System.Text;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;
using ActionStream.Models.Foreign;
using ActionStream.Models.Graphs;

namespace ActionStream.Unit.Fuzz;

/// <summary>Damaged model files and cards: refused in words, or read; never a crash, a hang, or a grab for memory.</summary>
public sealed class ModelFilesFuzzTests : IDisposable
{
    private const long MostBytes = 1_000_000_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private static readonly AdoptOptions Card = new()
    {
        Scale = 1,
        Mean = [1],
        Std = [1],
        Colour = ColourOrder.Bgr,
        Interval = TimeSpan.FromSeconds(0.1),
        Activation = Activation.Softmax,
        Labels = ["a", "b", "c"],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-fuzz-").FullName;

    [Fact]
    public void A_damaged_onnx_file_is_read_or_refused_in_words()
    {
        byte[][] originals = [OnnxFile.Bytes(Network(ElementType.F32, twoPathways: false)), OnnxFile.Bytes(Network(ElementType.F16, twoPathways: true))];
        var path = Path.Combine(_folder, "damaged.onnx");
        var (read, adopted) = (0, 0);
        for (var seed = 0; seed < Mutations.Count(1000); seed++)
        {
            File.WriteAllBytes(path, Mutations.Of(originals[seed % 2], seed));
            Watch(seed, () =>
            {
                try
                {
                    _ = OnnxSummary.Read(path);
                    read++;
                    _ = ForeignModel.Adopt(path, Card, Path.Combine(_folder, "out"));
                    adopted++;
                }
                catch (Exception refused) when (refused is OnnxFileException or ForeignModelException)
                {
                    Assert.NotEmpty(refused.Message);
                }
            });
        }

        Assert.True(read > 0 && adopted > 0, $"{read} read, {adopted} adopted: the damage is so bad that little is tested");
    }

    [Fact]
    public void A_damaged_card_is_read_or_refused_in_words()
    {
        CardFile.Save(new() { Name = "mini", Input = new() { Frames = 8, Height = 64, Width = 64, Interval = TimeSpan.FromSeconds(0.1) }, Labels = ["a", "b"] }, _folder);
        var path = Path.Combine(_folder, ModelCard.FileName);
        var ours = File.ReadAllBytes(path);
        var theirs = Encoding.UTF8.GetBytes("scale: 0.0039\nmean: [0.45, 0.45, 0.45]\nstd: [0.225]\ncolour: bgr\ninterval: 133ms\nlayout: ncthw\nlabels: &l [a, b, c]\nbackground: a\n");
        var read = 0;
        for (var seed = 0; seed < Mutations.Count(1000); seed++)
        {
            File.WriteAllBytes(path, Mutations.Of(seed % 2 == 0 ? ours : theirs, seed));
            Watch(seed, () =>
            {
                try
                {
                    _ = seed % 2 == 0 ? (object)CardFile.Load(_folder) : AdoptCard.Load(path);
                    read++;
                }
                catch (ConfigException refused)
                {
                    Assert.NotEmpty(refused.Problems);
                }
            });
        }

        Assert.True(read > 0, "the damage is so bad that little is tested");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void A_card_of_nothing_but_brackets_is_refused(string bracket)
    {
        var path = Path.Combine(_folder, "deep.yaml");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat(bracket, 20_000)));
        Assert.Throws<ConfigException>(() => AdoptCard.Load(path));
    }

    private static void Watch(int seed, Action read)
    {
        var started = Stopwatch.GetTimestamp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (Exception odd) when (odd is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"seed {seed}: {odd}");
        }

        Assert.True(Stopwatch.GetElapsedTime(started) < Longest, $"seed {seed} took {Stopwatch.GetElapsedTime(started)}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes, $"seed {seed} took {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
    }

    private static Graph Network(ElementType type, bool twoPathways)
    {
        var graph = new Graph("foreign", GraphForm.Portable);
        var x = graph.Input("slow", type, ["batch", 3, 2, 16, 16]);
        if (twoPathways)
        {
            x = Arranging.Concat(2, x, graph.Input("fast", type, ["batch", 3, 8, 16, 16]));
        }

        graph.Output("scores", x.MeanBehind(2).Softmax());
        return graph;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
