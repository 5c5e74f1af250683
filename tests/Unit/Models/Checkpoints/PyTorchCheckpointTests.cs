using ActionStream.Models.Checkpoints;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Models.Checkpoints;

/// <summary>Rules of the restricted reader, on pickles written by hand. Files that torch wrote are read in EndToEnd.</summary>
public sealed class PyTorchCheckpointTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void Views_of_one_storage_parameters_and_prefixes_are_seen_through()
    {
        var pickle = new Pickle().Op((byte)'}').Text("model").Op((byte)'}')
            .Text("module.a").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Op((byte)'s')
            .Text("module.b").Tensor("FloatStorage", "0", 6, 1, [2, 2], [1, 3]).Op((byte)'s')
            .Text("module.c").Global("torch._utils", "_rebuild_parameter").Op((byte)'(')
                .Tensor("FloatStorage", "0", 6, 5, [], []).Op(0x88).Op((byte)'}').Op((byte)'t').Op((byte)'R').Op((byte)'s')
            .Op((byte)'s').End();
        TorchFile.WriteZip(_path, pickle, ("data/0", TorchFile.Bytes(1f, 2, 3, 4, 5, 6)), ("byteorder", "little"u8.ToArray()));
        var file = PyTorchCheckpoint.Open(_path);

        Assert.Equal(["a", "b", "c"], file.Arrays.Select(array => array.Name));
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Read("a", [2, 3]));
        Assert.Equal([2f, 5, 3, 6], file.Read("b", [2, 2]));
        Assert.Equal([6f], file.Read("c", []));
        Assert.Null(file.ShapeOf("d", null));
    }

    [Theory]
    [InlineData("HalfStorage", new byte[] { 0x00, 0x3C, 0x00, 0xC0 })]
    [InlineData("BFloat16Storage", new byte[] { 0x80, 0x3F, 0x00, 0xC0 })]
    [InlineData("ShortStorage", new byte[] { 1, 0, 0xFE, 0xFF })]
    [InlineData("CharStorage", new byte[] { 1, 0xFE })]
    public void Every_number_format_becomes_float(string storage, byte[] bytes)
    {
        var pickle = new Pickle().Op((byte)'}').Text("a").Tensor(storage, "0", 2, 0, [2], [1]).Op((byte)'s').End();
        TorchFile.WriteLegacy(_path, pickle, storages: ("0", 2, bytes));

        Assert.Equal([1f, -2], PyTorchCheckpoint.Open(_path).Read("a", [2]));
    }

    [Fact]
    public void Optimizer_state_is_passed_over_and_a_state_dict_s_table_of_versions_is_ignored()
    {
        var pickle = new Pickle().Op((byte)'}')
            .Text("optimizer_state").Op((byte)'}').Text("exp_avg").Tensor("FloatStorage", "1", 1000, 0, [1000], [1])
            .Op((byte)'s').Op((byte)'s')
            .Text("model_state").Global("collections", "OrderedDict").Op((byte)')').Op((byte)'R')
                .Text("a").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'s')
                .Op((byte)'}').Text("_metadata").Op((byte)'N').Op((byte)'s').Op((byte)'b')
            .Op((byte)'s').End();
        TorchFile.WriteZip(_path, pickle, ("data/0", TorchFile.Bytes(7f)), ("data/1", new byte[4000]));

        Assert.Equal("a", Assert.Single(PyTorchCheckpoint.Open(_path).Arrays).Name);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch.hub", "load")]
    [InlineData("__builtin__", "exec")]
    [InlineData("importlib.util", "module_from_spec")]
    public void A_name_that_only_an_attack_mentions_is_refused_by_that_name_even_if_it_is_never_called(string module, string name)
    {
        var pickle = new Pickle().Global(module, name).Op((byte)'0').Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 1, 0, [1], [1])
            .Op((byte)'s').End();

        TorchFile.WriteZip(_path, pickle, ("data/0", new byte[4]));
        Assert.Contains($"{module}.{name}", Refusal(), StringComparison.Ordinal);
        TorchFile.WriteLegacy(_path, pickle, storages: ("0", 1, new byte[4]));
        Assert.Contains($"{module}.{name}", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 0, 5, 1, "reaches outside its storage")]
    [InlineData(4, 1, 4, 1, "reaches outside its storage")]
    [InlineData(4, -1, 2, 1, "reaches outside its storage")]
    [InlineData(4, 0, 3, 2, "reaches outside its storage")]
    [InlineData(4, 0, 2, -1, "a stride of -1")]
    [InlineData(4, 0, -2, 1, "a side of -2")]
    [InlineData(4, 0, 2_000_000_000, 0, "reaches outside its storage")]
    [InlineData(40, 0, 4, 1, "too few for 40 numbers")]
    [InlineData(-4, 0, 0, 1, "in a way that is not PyTorch's")]
    public void A_view_that_lies_is_refused_before_memory_is_taken(int count, int offset, int side, int stride, string words)
    {
        TorchFile.WriteZip(
            _path, new Pickle().Op((byte)'}').Text("a").Tensor("FloatStorage", "0", count, offset, [side], [stride]).Op((byte)'s').End(),
            ("data/0", new byte[16]));
        Assert.Contains(words, Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Big_endian_files_packed_traps_and_files_that_are_no_state_dict_are_refused()
    {
        var good = new Pickle().Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'s').End();
        TorchFile.WriteZip(_path, good, ("data/0", new byte[4]), ("byteorder", "big"u8.ToArray()));
        Assert.Contains("byte order is big", Refusal(), StringComparison.Ordinal);

        TorchFile.WriteLegacy(_path, good, isLittleEndian: false, ("0", 1, new byte[4]));
        Assert.Contains("little-endian", Refusal(), StringComparison.Ordinal);

        TorchFile.WriteZip(_path, new Pickle().Op((byte)'}').Text("epoch").Int(3).Op((byte)'s').End());
        Assert.Contains("epoch in it is no array", Refusal(), StringComparison.Ordinal);

        TorchFile.WriteZip(_path, new Pickle().Op((byte)']').End());
        Assert.Contains("no dictionary", Refusal(), StringComparison.Ordinal);

        TorchFile.WriteZip(_path, [.. Enumerable.Repeat((byte)'(', 5_000_000)]);
        Assert.Contains("steps", Refusal(), StringComparison.Ordinal);

        File.WriteAllBytes(_path, []);
        Assert.Contains("neither a zip nor a pickle", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dictionary_that_holds_itself_does_no_harm()
    {
        TorchFile.WriteZip(_path, new Pickle().Op((byte)'}', (byte)'q', 0).Text("model").Op((byte)'h', 0).Op((byte)'s').End());
        Assert.Contains("model in it is no array", Refusal(), StringComparison.Ordinal);
    }

    private string Refusal() => Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(_path)).Message;

    public void Dispose() => File.Delete(_path);
}
