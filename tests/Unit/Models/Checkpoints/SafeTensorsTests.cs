using System.Buffers.Binary;
using System.Text;
using ActionStream.Models.Checkpoints;

namespace ActionStream.Unit.Models.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void Arrays_of_every_float_type_are_read()
    {
        Write(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[1],"data_offsets":[8,10]},"c":{"dtype":"BF16","shape":[],"data_offsets":[10,12]}}""",
            [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f), .. BitConverter.GetBytes((Half)0.25f), 0x80, 0x3F]);
        var file = SafeTensors.Open(_path);

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(["a", "b", "c"], file.Arrays.Select(array => array.Name));
        Assert.Equal([1.5f, -2f], file.Read("a", [1, 2]));
        Assert.Equal([0.25f], file.Read("b", [1]));
        Assert.Equal([1f], file.Read("c", []));
        Assert.Equal([1, 2], file.ShapeOf("a", null));
        Assert.Null(file.ShapeOf("d", null));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,80]}}""", "a lies outside the file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,0]}}""", "a lies outside the file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "a is [3] F32, which is 12 bytes and not 8")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""",
        "a has an impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}""", "a has an impossible shape")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}""", "a is of the unknown type Q4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "its table is damaged")]
    [InlineData("""{"a":7}""", "its table is damaged")]
    [InlineData("""{"a":""", "its table is damaged")]
    [InlineData("""[]""", "its table is damaged")]
    public void A_table_that_lies_is_refused_before_memory_is_taken(string table, string problem)
    {
        Write(table, new byte[8]);
        Assert.Contains(problem, Assert.Throws<CheckpointException>(() => SafeTensors.Open(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "it has 3 bytes")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 1 }, "its table claims 18446744073709551615 bytes")]
    [InlineData(new byte[] { 100, 0, 0, 0, 0, 0, 0, 0, 1 }, "its table claims 100 bytes of the file's 9")]
    public void A_file_that_is_no_safetensors_is_refused(byte[] bytes, string problem)
    {
        File.WriteAllBytes(_path, bytes);
        Assert.Contains(problem, Assert.Throws<CheckpointException>(() => SafeTensors.Open(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_more_arrays_than_any_network_has_is_refused_before_it_costs_anything()
    {
        var table = new StringBuilder("{");
        for (var i = 0; i < 25_000; i++)
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $$"""
                {{(i == 0 ? "" : ",")}}"a{{i}}":{"dtype":"F32","shape":[],"data_offsets":[0,4]}
                """);
        }

        Write(table.Append('}').ToString(), new byte[4]);
        Assert.Contains(
            "its table lists more than 20000 arrays", Assert.Throws<CheckpointException>(() => SafeTensors.Open(_path)).Message,
            StringComparison.Ordinal);

        Write("{\"__metadata__\":{\"x\":\"" + new string('x', 17 << 20) + "\"}}", []);
        Assert.Contains(
            "its table has 17", Assert.Throws<CheckpointException>(() => SafeTensors.Open(_path)).Message, StringComparison.Ordinal);
    }

    private void Write(string table, byte[] data)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)Encoding.UTF8.GetByteCount(table));
        File.WriteAllBytes(_path, [.. head, .. Encoding.UTF8.GetBytes(table), .. data]);
    }

    public void Dispose() => File.Delete(_path);
}
