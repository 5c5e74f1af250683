using System.Text;
using ActionStream.Publish.Mqtt;

namespace ActionStream.Unit.Publish.Mqtt.Spool;

public sealed class JournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-journal").FullName;

    private string File => Path.Combine(_folder, "below", "edge.spool");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (Journal Journal, string[] Records, int Damaged) Open()
    {
        List<string> records = [];
        var journal = Journal.Open(File, record => records.Add(Encoding.UTF8.GetString(record)), out var damaged);
        return (journal, [.. records], damaged);
    }

    private void Write(params string[] records)
    {
        using var journal = Open().Journal;
        foreach (var record in records)
        {
            journal.Append(Encoding.UTF8.GetBytes(record));
        }
    }

    private (string[] Records, int Damaged) Read()
    {
        var (journal, records, damaged) = Open();
        journal.Dispose();
        return (records, damaged);
    }

    [Fact]
    public void What_was_appended_is_there_at_the_next_start_and_can_be_gone_on_with()
    {
        Write("a", "", new string('x', 100_000));
        Write("d");
        Assert.Equal(["a", "", new string('x', 100_000), "d"], Read().Records);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(11)]
    [InlineData(14)]
    public void A_torn_end_costs_the_record_it_tore_and_no_other(int cut)
    {
        Write("first", "second", "third");
        using (var file = System.IO.File.OpenWrite(File))
        {
            file.SetLength(file.Length - cut);
        }

        Assert.Equal((2, 1), Read() is var (records, damaged) ? (records.Length, damaged) : default);
        Write("fourth");
        Assert.Equal(["first", "second", "fourth"], Read().Records);
    }

    [Fact]
    public void A_damaged_byte_anywhere_costs_one_record_at_most()
    {
        Write("first", "second", "third");
        var whole = System.IO.File.ReadAllBytes(File);
        for (var i = 0; i < whole.Length; i++)
        {
            var bytes = whole.ToArray();
            bytes[i] ^= 0x20;
            System.IO.File.WriteAllBytes(File, bytes);
            var (records, damaged) = Read();
            Assert.Equal((2, 1), (records.Length, damaged));
            Assert.Empty(records.Except(["first", "second", "third"]));
        }
    }

    [Fact]
    public void Written_anew_it_holds_what_it_was_given_and_is_small_again()
    {
        var journal = Open().Journal;
        for (var i = 0; i < 1000; i++)
        {
            journal.Append(new byte[100]);
        }

        journal.Rewrite([Encoding.UTF8.GetBytes("kept")]);
        journal.Append(Encoding.UTF8.GetBytes("next"));
        journal.Flush();
        Assert.Equal(new FileInfo(File).Length, journal.Length);
        Assert.InRange(journal.Length, 1, 100);
        journal.Dispose();
        Assert.Equal(["kept", "next"], Read().Records);
    }

    [Fact]
    public void Two_processes_cannot_have_it_at_once()
    {
        using var journal = Open().Journal;
        Assert.ThrowsAny<IOException>(() => Open());
        journal.Rewrite([]);
        Assert.ThrowsAny<IOException>(() => Open());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rubbish_is_read_without_complaint(int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        var rubbish = new byte[20_000];
        new Random(seed).NextBytes(rubbish);
        for (var i = 0; i < rubbish.Length - 4; i += 97)
        {
            "ASJ1"u8.CopyTo(rubbish.AsSpan(i)); // as treacherous as it gets
        }

        System.IO.File.WriteAllBytes(File, rubbish);
        Assert.Equal((0, 1), Read() is var (records, damaged) ? (records.Length, damaged) : default);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(400_000)]
    [InlineData(1_600_000)]
    public void A_file_of_nothing_but_beginnings_costs_work_in_proportion_to_its_length(int size)
    {
        var bytes = new byte[size];
        for (var at = 0; at + 12 <= size; at += 12)
        {
            "ASJ1"u8.CopyTo(bytes.AsSpan(at));
            BitConverter.TryWriteBytes(bytes.AsSpan(at + 4), Math.Min(1 << 20, size - at - 12));
        }

        var scan = new RecordScan(bytes);
        scan.Read(_ => Assert.Fail("there is none"));
        Assert.InRange(scan.Summed, size, (6L * size) + (4 << 20));
        Assert.Equal(1, scan.Damaged);
    }
}
