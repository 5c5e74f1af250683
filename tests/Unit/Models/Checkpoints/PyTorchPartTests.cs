using ActionStream.Models.Checkpoints;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Models.Checkpoints;

/// <summary>What trainers save beside the weights, on pickles written by hand. Files that torch wrote are read in EndToEnd.</summary>
public sealed class PyTorchPartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("parts-").FullName;
    private string _path = "";

    private static readonly Dictionary<string, Action<Pickle>> Strangers = new()
    {
        ["an argparse.Namespace"] = pickle => pickle.Global("argparse", "Namespace").Op((byte)')', 0x81, (byte)'}')
            .Text("lr").Int(1).Op((byte)'s').Op((byte)'b'),
        ["a NumPy number"] = pickle => pickle.Global("numpy.core.multiarray", "scalar").Op((byte)'(')
            .Global("numpy", "dtype").Op((byte)'(').Text("f8").Op(0x89, 0x88, (byte)'t', (byte)'R')
            .Op((byte)'(').Int(3).Text("<").Op((byte)'N', (byte)'t', (byte)'b')
            .Global("_codecs", "encode").Op((byte)'(').Text("x").Text("latin1").Op((byte)'t', (byte)'R').Op((byte)'t', (byte)'R'),
        ["a dtype"] = pickle => pickle.Global("torch", "float32"),
        ["a device"] = pickle => pickle.Global("torch", "device").Op((byte)'(').Text("cuda").Int(0).Op((byte)'t', (byte)'R'),
        ["a set"] = pickle => pickle.Global("__builtin__", "set").Op((byte)'(', (byte)']').Text("a").Op((byte)'a', (byte)'t', (byte)'R'),
        ["a set of protocol 4"] = pickle => pickle.Op(0x8F, (byte)'(').Text("a").Op(0x90),
        ["a defaultdict"] = pickle => pickle.Global("collections", "defaultdict").Op((byte)'(').Global("builtins", "list")
            .Op((byte)'t', (byte)'R').Text("k").Int(2).Op((byte)'s'),
        ["an object of old Python"] = pickle => pickle.Op((byte)'(').Int(1).Op((byte)'i').Op("trainer\nOptions\n"u8),
        ["a class that calls on building"] = pickle => pickle.Global("trainer", "Options").Op((byte)')', (byte)'}', 0x92),
        ["numbers of a kind unknown here"] = pickle => pickle.Global("torch._utils", "_rebuild_tensor_v2").Op((byte)'(')
            .Op((byte)'(').Text("storage").Global("torch", "ComplexFloatStorage").Text("9").Text("cpu").Int(1).Op((byte)'t', (byte)'Q')
            .Int(0).Ints(1).Ints(1).Op((byte)'t', (byte)'R'),
    };

    [Theory]
    [InlineData("an argparse.Namespace")]
    [InlineData("a NumPy number")]
    [InlineData("a dtype")]
    [InlineData("a device")]
    [InlineData("a set")]
    [InlineData("a set of protocol 4")]
    [InlineData("a defaultdict")]
    [InlineData("an object of old Python")]
    [InlineData("a class that calls on building")]
    [InlineData("numbers of a kind unknown here")]
    public void What_lies_beside_the_weights_is_passed_over_and_among_them_it_is_refused_by_name(string what)
    {
        var stranger = Strangers[what];
        var beside = new Pickle().Op((byte)'}').Text("args");
        stranger(beside);
        beside.Op((byte)'s').Text("model").Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'s').Op((byte)'s');
        Write(beside);
        Assert.Equal([7f], PyTorchCheckpoint.Open(_path).Read("a", [1]));

        var among = new Pickle().Op((byte)'}').Text("model").Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 1, 0, [1], [1])
            .Op((byte)'s').Text("strange");
        stranger(among);
        Write(among.Op((byte)'s', (byte)'s'));
        var refused = Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(_path)).Message;
        Assert.Contains("strange in its model is no array but an object (", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_ema")]
    [InlineData("net")]
    [InlineData("state_dict")]
    [InlineData("whatever_they_called_it")]
    public void A_part_is_found_under_any_name_if_it_is_the_only_one(string name)
    {
        Write(new Pickle().Op((byte)'}').Text("epoch").Int(3).Op((byte)'s').Text("optimizer").Op((byte)'}').Text("state").Op((byte)'}')
            .Text("x").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'s', (byte)'s', (byte)'s')
            .Text(name).Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'s', (byte)'s'));

        var file = PyTorchCheckpoint.Open(_path);
        Assert.Equal((name, "a"), (file.Part, Assert.Single(file.Arrays).Name));
        Assert.Empty(file.Averaged);
    }

    [Fact]
    public void Averaged_weights_are_named_and_taken_where_they_are_asked_for()
    {
        Write(Two("model", "model_ema"));

        var file = PyTorchCheckpoint.Open(_path);
        Assert.Equal("model", file.Part);
        Assert.Equal(["model_ema"], file.Averaged);
        Assert.Equal([7f], file.Read("a", [1]));

        var asked = PyTorchCheckpoint.Open(_path, "model_ema");
        Assert.Equal(("model_ema", 8f), (asked.Part, asked.Read("a", [1])[0]));
        Assert.Contains(
            "it has no part nonsense with arrays; it has model (1 arrays), model_ema (1 arrays)",
            Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(_path, "nonsense")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_parts_of_unknown_names_are_a_question()
    {
        Write(Two("generator", "critic"));

        Assert.Contains(
            "it holds several sets of arrays: generator (1 arrays), critic (1 arrays); say which with --part",
            Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(_path)).Message, StringComparison.Ordinal);
        Assert.Equal([8f], PyTorchCheckpoint.Open(_path, "critic").Read("a", [1]));
    }

    [Fact]
    public void Wrappers_of_every_name_are_taken_off_and_said()
    {
        Write(new Pickle().Op((byte)'}')
            .Text("module._orig_mod.a").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'s')
            .Text("module._orig_mod.b").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'s'));

        var file = PyTorchCheckpoint.Open(_path);
        Assert.Equal("module._orig_mod.", file.Prefix);
        Assert.Equal(["a", "b"], file.Arrays.Select(array => array.Name));
    }

    [Fact]
    public void A_whole_network_saved_as_an_object_is_refused_with_the_way_to_save_its_weights()
    {
        Write(new Pickle().Global("trainer.nets", "Net").Op((byte)')', 0x81, (byte)'}').Text("a").Int(1).Op((byte)'s', (byte)'b'));
        Assert.Contains(
            "it holds an object (trainer.nets.Net) and no dictionary of arrays; nothing of it was run. "
            + "Save the arrays alone: torch.save(model.state_dict(), FILE)",
            Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(_path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Pickle Two(string first, string second) => new Pickle().Op((byte)'}')
        .Text(first).Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 2, 0, [1], [1]).Op((byte)'s', (byte)'s')
        .Text(second).Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 2, 1, [1], [1]).Op((byte)'s', (byte)'s');

    // An opened file stays open: each has a name of its own.
    private void Write(Pickle pickle)
    {
        _path = Path.Combine(_folder, $"{Directory.GetFiles(_folder).Length}.pth");
        TorchFile.WriteZip(_path, pickle.End(), ("data/0", TorchFile.Bytes(7f, 8f)));
    }
}
