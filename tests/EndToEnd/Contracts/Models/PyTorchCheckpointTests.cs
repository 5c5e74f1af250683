using System.Globalization;
using ActionStream.EndToEnd.Support;
using ActionStream.Models.Checkpoints;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Models;

/// <summary>Files that torch.save wrote, and files that pretend to be such (../shared/golden/pth).</summary>
public sealed class PyTorchCheckpointTests(ITestOutputHelper output)
{
    private static string Folder => Path.Combine(Parts.Shared, "golden", "pth");

    [NeedsTheory("shared")]
    [InlineData("light_flat_zip")]
    [InlineData("light_flat_legacy")]
    [InlineData("light_training_zip")]
    [InlineData("light_training_legacy")]
    [InlineData("light_module_prefix_zip")]
    [InlineData("light_strided_zip")]
    [InlineData("light_torch2_zip")]
    public void Every_form_gives_the_same_arrays_bit_by_bit(string name)
    {
        var expected = SafeTensors.Open(Path.Combine(Folder, "light_pth_io.safetensors"));
        var names = expected.Arrays.Select(array => array.Name)
            .Where(array => array is not ("input" or "output") && !array.StartsWith("mid.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        var file = PyTorchCheckpoint.Open(Path.Combine(Folder, name + ".pth"));

        Assert.Equal(names, file.Arrays.Select(array => array.Name).Order(StringComparer.Ordinal));
        foreach (var array in file.Arrays)
        {
            Assert.Equal(expected.ShapeOf(array.Name, null), array.Shape);
            Assert.Equal(
                expected.Read(array.Name, array.Shape).Select(BitConverter.SingleToInt32Bits),
                file.Read(array.Name, array.Shape).Select(BitConverter.SingleToInt32Bits));
        }
    }

    [NeedsTheory("shared")]
    [InlineData("evil", "__builtin__.print")]
    [InlineData("evil_protocol4", "builtins.print")]
    [InlineData("evil_torch_namespace", "torch.typename")]
    [InlineData("evil_bare_pickle", "posixpath.join")]
    [InlineData("bad_truncated", "damaged or cut short")]
    [InlineData("bad_truncated_legacy", "its storage")]
    [InlineData("bad_missing_storage", "storage 7 is missing")]
    [InlineData("bad_view_outside_storage", "[1000, 1000] at 0 that reaches outside its storage of 4 numbers")]
    public void What_is_evil_or_broken_is_refused_in_words(string name, string words)
    {
        var refused = Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(Path.Combine(Folder, name + ".pth")));
        output.WriteLine(refused.Message);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Files with a few bytes changed, cut or put in: read or refused, never anything else. FUZZ sets how many.</summary>
    [NeedsFact("shared")]
    public void A_mutated_file_is_read_or_refused_quickly_and_in_little_memory()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("FUZZ") ?? "2000", CultureInfo.InvariantCulture);
        var seeds = Directory.GetFiles(Folder, "*.pth").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        var random = new Random(20);
        var path = Path.GetTempFileName();
        int read = 0, refused = 0;
        long worst = 0;
        var slowest = TimeSpan.Zero;
        try
        {
            for (var i = 0; i < count; i++)
            {
                var bytes = Mutate(seeds[i % seeds.Length], random);
                File.WriteAllBytes(path, bytes);
                var before = GC.GetAllocatedBytesForCurrentThread();
                var start = TimeProvider.System.GetTimestamp();
                try
                {
                    var file = PyTorchCheckpoint.Open(path);
                    foreach (var array in file.Arrays)
                    {
                        file.Read(array.Name, array.Shape);
                    }

                    read++;
                }
                catch (CheckpointException)
                {
                    refused++;
                }

                var took = TimeProvider.System.GetElapsedTime(start);
                slowest = took > slowest ? took : slowest;
                worst = Math.Max(worst, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
        finally
        {
            File.Delete(path);
        }

        output.WriteLine(
            $"{read} read, {refused} refused, slowest {slowest.TotalMilliseconds:f0} ms, at most {worst / 1e6:f0} MB allocated");
        Assert.True(slowest < TimeSpan.FromSeconds(2), $"one took {slowest}");
        Assert.True(worst < 300_000_000, $"one allocated {worst} bytes");
        Assert.True(read > 0 && refused > count / 10, $"{read} read, {refused} refused");
    }

    // Most of a file is numbers, where a change is only another number: most mutations aim at the tables at its ends.
    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = (byte[])seed.Clone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var near = random.Next(4) switch
            {
                0 => random.Next(bytes.Length),
                1 => bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 22_000)),
                _ => random.Next(Math.Min(bytes.Length, 24_000)),
            };
            switch (random.Next(6))
            {
                case 0: bytes[near] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[near] = (byte)random.Next(256); break;
                case 2: bytes.AsSpan(near, Math.Min(8, bytes.Length - near)).Fill((byte)(random.Next(2) * 255)); break;
                case 3: bytes = [.. bytes[..near], .. bytes[Math.Min(bytes.Length, near + random.Next(1, 9))..]]; break;
                case 4:
                    bytes = [.. bytes[..near], .. bytes[near..Math.Min(bytes.Length, near + random.Next(1, 40))], .. bytes[near..]];
                    break;
                default: bytes = random.Next(4) == 0 ? bytes[..Math.Max(1, near)] : bytes; break;
            }
        }

        return bytes;
    }
}
