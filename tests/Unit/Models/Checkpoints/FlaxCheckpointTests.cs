using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using ActionStream.Models.Checkpoints;
using ActionStream.Unit.Fuzz;
using Xunit.Abstractions;

namespace ActionStream.Unit.Models.Checkpoints;

public sealed class FlaxCheckpointTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void Parameters_are_found_below_the_optimizer_and_the_rest_is_stepped_over()
    {
        Write(Map(
            ("optimizer", Map(
                ("state", Map(("step", Array("int32", [], BitConverter.GetBytes(7))), ("momentum", Floats([2], 8, 9)))),
                ("target", Map(
                    ("embedding", Map(("kernel", Floats([2, 3], 1, 2, 3, 4, 5, 6)), ("bias", Floats([3], 7, 8, 9)))),
                    ("cls", Floats([1, 1, 1], 4)))))),
            ("accum_train_time", [0xcb, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("rng", Array("uint32", [2], new byte[8]))));

        var file = Checkpoint.Open(_path);

        Assert.Equal("Flax msgpack", file.Container);
        Assert.Equal(["embedding/kernel", "embedding/bias", "cls"], file.Arrays.Select(array => array.Name));
        Assert.Equal([2, 3], file.ShapeOf("embedding/kernel", null)!);
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Read("embedding/kernel", []));
        Assert.Null(file.ShapeOf("momentum", null));
    }

    [Fact]
    public void Averaged_parameters_are_named_and_taken_where_they_are_asked_for()
    {
        Write(Map(("params", Map(("a", Floats([1], 1)))), ("ema_params", Map(("a", Floats([1], 2))))));

        var file = Checkpoint.Open(_path);
        Assert.Equal("params", file.Part);
        Assert.Equal(["ema_params"], file.Averaged);
        Assert.Equal([1f], file.Read("a", []));
        Assert.Equal([2f], Checkpoint.Open(_path, "ema_params").Read("a", []));
        Assert.Contains(
            "it has no part ema; it has params, ema_params",
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(_path, "ema")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Halves_become_floats_and_chunks_one_array()
    {
        var chunked = Map(
            ("__msgpack_chunked_array__", [0xc3]),
            ("shape", Map(("0", [2]), ("1", [2]))),
            ("chunks", Map(("0", Floats([3], 1, 2, 3)), ("1", Floats([1], 4)))));
        Write(Map(("params", Map(
            ("half", Array("float16", [2], [0x00, 0x3c, 0x00, 0xc0])),
            ("brain", Array("bfloat16", [2], [0x80, 0x3f, 0x00, 0xc0])),
            ("large", chunked)))));

        var file = Checkpoint.Open(_path);

        Assert.Equal([1f, -2], file.Read("half", []));
        Assert.Equal([1f, -2], file.Read("brain", []));
        Assert.Equal([2, 2], file.ShapeOf("large", null)!);
        Assert.Equal([1f, 2, 3, 4], file.Read("large", []));
    }

    [Fact]
    public void What_is_damaged_is_refused_in_words()
    {
        Refuses(Map(("a", Array("float32", [2], new byte[4]))), "a is [2] F32, and holds 4 bytes");
        Refuses(Map(("a", Array("complex64", [1], new byte[8]))), "unknown type complex64");
        Refuses(Map(("a", [0xc1])), "begins nothing in msgpack");
        Refuses([0xdf, 0xff, 0xff, 0xff, 0xff], "cut short");
        Refuses(Map(("a", [0xdd, 0xff, 0xff, 0xff, 0xff])), "cut short");
        Refuses([0x81, 0xa1, (byte)'a', 0xc0], "holds no arrays");
        Refuses([.. Enumerable.Repeat<byte[]>([0x81, 0xa1, (byte)'a'], 5000).SelectMany(level => level)], "deeper than any");
        Refuses(
            Map(("a", Map(("__msgpack_chunked_array__", [0xc3]), ("shape", Map(("0", [9]))), ("chunks", Map(("0", Floats([1], 1))))))),
            "its chunks hold 1");
    }

    [Fact]
    public void No_mutation_does_more_than_refuse()
    {
        var sound = Map(("optimizer", Map(("target", Map(
            ("embedding", Map(("kernel", Floats([2, 3], 1, 2, 3, 4, 5, 6)))), ("list", [0x92, .. Floats([1], 1), .. Floats([1], 2)]),
            ("large", Map(("__msgpack_chunked_array__", [0xc3]), ("shape", Map(("0", [1]))), ("chunks", Map(("0", Floats([1], 1)))))))))));
        var random = new Random(5);
        var watch = new FuzzWatch(output, "flax", mostBytes: 10_000_000);
        for (var i = 0; i < Mutations.Count(2000); i++)
        {
            var bytes = sound.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(1, bytes.Length)] = (byte)random.Next(256);
            }

            Write(i % 3 == 0 ? Mutations.Of(sound, i) : random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            watch.Try(
                i,
                () =>
                {
                    var file = Checkpoint.Open(_path);
                    Assert.All(file.Arrays, array => Assert.Equal(array.Elements, file.Read(array.Name, []).Length));
                },
                refused => refused is CheckpointException);
        }

        watch.Close();
    }

    [Fact]
    public void A_file_of_another_kind_is_named()
    {
        Refuses("PNG is no checkpoint"u8.ToArray(), "none of safetensors, PyTorch and Flax");
        Refuses([], "none of safetensors");
        Refuses([0x08, 0x09, 0x12, 0], "ONNX");
        Assert.Contains(
            "there is no such file", Assert.Throws<CheckpointException>(() => Checkpoint.Open(_path + ".none")).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_path);

    private void Refuses(byte[] bytes, string words)
    {
        Write(bytes);
        Assert.Contains(words, Assert.Throws<CheckpointException>(() => Checkpoint.Open(_path)).Message, StringComparison.Ordinal);
    }

    private void Write(byte[] bytes) => File.WriteAllBytes(_path, bytes);

    private static byte[] Map(params (string Key, byte[] Value)[] pairs) =>
        [(byte)(0x80 | pairs.Length), .. pairs.SelectMany(pair => (byte[])[.. Text(pair.Key), .. pair.Value])];

    private static byte[] Text(string text) => [0xd9, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Floats(byte[] shape, params float[] values) =>
        Array("float32", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static byte[] Array(string type, byte[] shape, byte[] data)
    {
        byte[] payload = [0x93, (byte)(0x90 | shape.Length), .. shape, .. Text(type), 0xc4, (byte)data.Length, .. data];
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)payload.Length);
        return [0xc9, .. length, 1, .. payload];
    }
}
