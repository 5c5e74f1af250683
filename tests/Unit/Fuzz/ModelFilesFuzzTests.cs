using System.Buffers.Binary;
using System.Text;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Foreign;
using ActionStream.Models.Graphs;
using Xunit.Abstractions;

namespace ActionStream.Unit.Fuzz;

/// <summary>Damaged model files and cards: refused in words, or read; never a crash, a hang, or a grab for memory.</summary>
public sealed class ModelFilesFuzzTests(ITestOutputHelper output) : IDisposable
{
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
        byte[][] originals =
            [OnnxFile.Bytes(Network(ElementType.F32, twoPathways: false)), OnnxFile.Bytes(Network(ElementType.F16, twoPathways: true))];
        var path = Path.Combine(_folder, "damaged.onnx");
        var watch = new FuzzWatch(output, "onnx");
        for (var seed = 0; seed < Mutations.Count(1000); seed++)
        {
            File.WriteAllBytes(path, Mutations.Of(originals[seed % 2], seed));
            watch.Try(
                seed,
                () =>
                {
                    _ = OnnxSummary.Read(path);
                    _ = ForeignModel.Adopt(path, Card, Path.Combine(_folder, "out"));
                },
                refused => refused is OnnxFileException or ForeignModelException);
        }

        watch.Close();
    }

    [Fact]
    public void A_damaged_safetensors_file_is_read_or_refused_in_words()
    {
        var path = Path.Combine(_folder, "damaged.safetensors");
        var data = new byte[24 + 12 + 6 + 16];
        new Random(1).NextBytes(data);
        var table = """
            {"__metadata__":{"format":"pt"},"embed.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"half":{"dtype":"F16","shape":[1,6],"data_offsets":[24,36]},"brain":{"dtype":"BF16","shape":[3],"data_offsets":[36,42]},"count":{"dtype":"I64","shape":[2],"data_offsets":[42,58]}}
            """u8.ToArray();

        // A file holds no more than its bytes, whatever its table claims; what reading costs is the table's text many times over.
        var watch = new FuzzWatch(output, "safetensors", mostBytes: 10_000_000);
        for (var seed = 0; seed < Mutations.Count(2000); seed++)
        {
            // The whole file; its table alone, with the right length; or only what numbers the table tells.
            File.WriteAllBytes(path, (seed % 3) switch
            {
                0 => Mutations.Of(Packed(table, data), seed),
                1 => Packed(Mutations.Of(table, seed), data),
                _ => Packed(OtherNumbers(table, new(seed)), data),
            });
            watch.Try(
                seed,
                () =>
                {
                    var file = SafeTensors.Open(path);
                    Assert.All(file.Arrays, array => Assert.Equal(array.Elements, file.Read(array.Name, array.Shape).Length));
                },
                refused => refused is CheckpointException);
        }

        watch.Close();
    }

    [Fact]
    public void A_damaged_card_is_read_or_refused_in_words()
    {
        CardFile.Save(
            new()
            {
                Name = "mini",
                Input = new() { Frames = 8, Height = 64, Width = 64, Interval = TimeSpan.FromSeconds(0.1) },
                Labels = ["a", "b"],
            },
            _folder);
        var path = Path.Combine(_folder, ModelCard.FileName);
        var ours = File.ReadAllBytes(path);
        var theirs = Encoding.UTF8.GetBytes(
            "scale: 0.0039\nmean: [0.45, 0.45, 0.45]\nstd: [0.225]\ncolour: bgr\ninterval: 133ms\nlayout: ncthw\nlabels: &l [a, b, c]\n"
            + "background: a\n");
        var watch = new FuzzWatch(output, "cards");
        for (var seed = 0; seed < Mutations.Count(1000); seed++)
        {
            File.WriteAllBytes(path, Mutations.Of(seed % 2 == 0 ? ours : theirs, seed));
            watch.Try(
                seed,
                () => _ = seed % 2 == 0 ? (object)CardFile.Load(_folder) : AdoptCard.Load(path),
                refused => refused is ConfigException { Problems.Count: > 0 });
        }

        watch.Close();
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

    private static byte[] Packed(byte[] table, byte[] data)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)table.Length);
        return [.. head, .. table, .. data];
    }

    private static byte[] OtherNumbers(byte[] table, Random random)
    {
        var text = Encoding.UTF8.GetString(table);
        string[] odd =
            ["-1", "0", "1", "7", "59", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1e9", "0.5", "null"];
        for (var times = 1 + random.Next(4); times > 0; times--)
        {
            var places = text.Index().Where(letter => char.IsAsciiDigit(letter.Item) && !char.IsLetter(text[letter.Index - 1])).ToList();
            var at = places[random.Next(places.Count)].Index;
            text = string.Concat(text.AsSpan(0, at), odd[random.Next(odd.Length)], text.AsSpan(at + random.Next(2)));
        }

        return Encoding.UTF8.GetBytes(text);
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
