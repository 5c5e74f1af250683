using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Recording;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Recording;

/// <summary>A camera's ring with real files that a test writes in ffmpeg's place.</summary>
public sealed class RecordingBufferTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ring-").FullName;
    private readonly FakeClock _clock = new();
    private readonly LogLines<RecordingBuffers> _log = new();
    private readonly RecordingBuffer _ring;

    public RecordingBufferTests() => _ring = new("front", new RingSpec(_root, TimeSpan.FromSeconds(10), 10_000), _clock, _log);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string[] Files => [.. Directory.EnumerateFiles(
        _root, "*.ts", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_root, file)).Order(StringComparer.Ordinal)];

    private static RecordingSpan Span(int epoch, double from, double to) =>
        new("front", epoch, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to));

    // Pieces of a second each, and one that is still written.
    private static void Write(string folder, int first, int count, int bytes)
    {
        for (var i = first; i <= first + count; i++)
        {
            var path = Path.Combine(folder, $"{i:00000}.ts");
            File.WriteAllBytes(path, new byte[bytes]);
            File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i));
        }

        File.WriteAllLines(
            Path.Combine(folder, "list.csv"), Enumerable.Range(first, count)
                .Select(i => string.Create(CultureInfo.InvariantCulture, $"{i:00000}.ts,{i}.000000,{i + 1}.000000")));
    }

    [Fact]
    public void What_is_older_than_asked_goes_and_a_span_finds_the_rest()
    {
        using var connection = _ring.Begin(0)!;
        Write(connection.Folder, first: 0, count: 15, bytes: 10);
        _ring.Tend();
        // 10 s, the piece on their border, and the open one
        Assert.Equal(Enumerable.Range(4, 12).Select(i => $"front/0/{i:00000}.ts"), Files);
        Assert.Equal(["00008.ts", "00009.ts"], _ring.Find(Span(0, 8.5, 9.5)).Pieces.Select(piece => piece.File));
        Assert.Empty(_ring.Find(Span(0, 1, 3)).Pieces);
        Assert.Empty(_ring.Find(Span(1, 8.5, 9.5)).Pieces); // another connection's time is another time
        Assert.Equal((true, false), (_ring.IsComplete(0, TimeSpan.FromSeconds(15)), _ring.IsComplete(0, TimeSpan.FromSeconds(15.5))));
    }

    [Fact]
    public void Bytes_are_bounded_over_all_connections_of_a_camera_and_the_oldest_go()
    {
        using (var former = _ring.Begin(0)!)
        {
            Write(former.Folder, first: 0, count: 4, bytes: 1000);
        }

        using var connection = _ring.Begin(1)!;
        Write(connection.Folder, first: 5, count: 6, bytes: 1000);
        _ring.Tend();
        Assert.Equal(10_000, _ring.Bytes);
        Assert.Equal(["front/0/00002.ts", "front/0/00003.ts", "front/0/00004.ts"], Files[..3]);
        Assert.Equal(10, Files.Length);
    }

    [Fact]
    public void A_camera_that_sends_no_key_frame_cannot_fill_the_disk_and_its_spoilt_piece_is_used_for_nothing()
    {
        using var connection = _ring.Begin(0)!;
        var path = Path.Combine(connection.Folder, "00000.ts");
        using var writer = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 0; i < 20; i++)
        {
            writer.Write(new byte[4096]);
            _ring.Tend();
            Assert.True(_ring.Bytes <= 10_000, $"{_ring.Bytes} bytes after {i}");
        }

        Assert.Equal(20 * 4096, new FileInfo(path).Length); // it looks long, and most of it is a hole
        File.WriteAllText(Path.Combine(connection.Folder, "list.csv"), "00000.ts,0.000000,20.000000\n");
        Assert.Empty(_ring.Find(Span(0, 5, 15)).Pieces);
    }

    [Fact]
    public void Pieces_outlive_their_connection_for_as_long_as_an_event_of_it_may_want_them()
    {
        using (var connection = _ring.Begin(0)!)
        {
            Write(connection.Folder, first: 0, count: 3, bytes: 10);
        }

        Assert.True(_ring.IsComplete(0, TimeSpan.FromSeconds(60))); // no more will come
        _clock.Advance(TimeSpan.FromSeconds(9));
        _ring.Tend();
        using (var found = _ring.Find(Span(0, 0, 10)))
        {
            Assert.Equal(3, found.Pieces.Count);
        }

        _clock.Advance(TimeSpan.FromSeconds(2));
        _ring.Tend();
        Assert.False(Directory.Exists(Path.Combine(_root, "front", "0")));
    }

    [Fact]
    public void Pieces_of_which_a_recording_is_being_made_stay_until_it_is_whatever_else_goes()
    {
        PiecesInUse joined, another;
        using (var connection = _ring.Begin(0)!)
        {
            Write(connection.Folder, first: 0, count: 9, bytes: 1000);
            joined = _ring.Find(Span(0, 0.5, 2.5));
            another = _ring.Find(Span(0, 2.5, 3.5));
            Write(connection.Folder, first: 0, count: 16, bytes: 1000); // 0 to 4 are too old, and there are too many bytes
            _ring.Tend();
            Assert.Equal(
                ["00000.ts", "00001.ts", "00002.ts", "00003.ts", "00007.ts"], Files[..5].Select(file => Path.GetFileName(file)));
            joined.Dispose();
            joined.Dispose();
            _ring.Tend();
            Assert.Equal(["00002.ts", "00003.ts", "00007.ts"], Files[..3].Select(file => Path.GetFileName(file))); // 2 is in both
        }

        _clock.Advance(TimeSpan.FromSeconds(11));
        _ring.Tend();
        Assert.True(Directory.Exists(Path.Combine(_root, "front", "0")));
        another.Dispose();
        _ring.Tend();
        Assert.False(Directory.Exists(Path.Combine(_root, "front", "0")));
    }

    [Fact]
    public void A_piece_for_which_the_disk_had_no_room_is_none()
    {
        using var connection = _ring.Begin(0)!;
        Write(connection.Folder, first: 0, count: 3, bytes: 10);
        File.WriteAllText(Path.Combine(connection.Folder, "00001.ts"), "");
        using var found = _ring.Find(Span(0, 0, 3));
        Assert.Equal(["00000.ts", "00002.ts"], found.Pieces.Select(piece => piece.File));
    }

    [Fact]
    public void Two_connections_of_one_epoch_do_not_remove_each_other_s_pieces()
    {
        using (var still = _ring.Begin(0)!)
        {
            Write(still.Folder, first: 0, count: 1, bytes: 10);
        }

        _clock.Advance(TimeSpan.FromSeconds(9));
        using var film = _ring.Begin(0)!;
        Write(film.Folder, first: 0, count: 5, bytes: 10);
        _clock.Advance(TimeSpan.FromSeconds(2));
        _ring.Tend();
        Assert.Equal(5, _ring.Find(Span(0, 0, 5)).Pieces.Count);
    }

    [Fact]
    public void A_connection_that_brought_nothing_leaves_nothing()
    {
        for (var epoch = 0; epoch < 5; epoch++)
        {
            _ring.Begin(epoch)!.Dispose();
        }

        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_root, "front")));
    }

    [Fact]
    public void A_coding_that_cannot_be_kept_is_refused_once_and_for_all_and_said_once()
    {
        var run = new SilentRun
        {
            Lines = ["[mpegts @ 0x5] Stream 0, codec mjpeg, is muxed as a private data stream and may not be recognized upon reading."],
            LineCount = 1,
        };
        using (var connection = _ring.Begin(0)!)
        {
            Assert.False(connection.Begins(TimeSpan.Zero, run));
        }

        Assert.True(_ring.IsRefused);
        Assert.Null(_ring.Begin(1));
        Assert.Single(_log.Lines, line => line.Text.Contains("mjpeg", StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_disk_is_said_once_and_the_next_connection_tries_again()
    {
        var run = new SilentRun();
        using (var connection = _ring.Begin(0)!)
        {
            Assert.True(connection.Begins(TimeSpan.Zero, run));
            Assert.False(_ring.IsComplete(0, TimeSpan.FromSeconds(1)));
            (run.Lines, run.LineCount) = (["[tee @ 0x5] Slave muxer #1 failed: No space left on device, continuing with 1/2 slaves."], 1);
            _ring.Tend();
            _ring.Tend();
            Assert.True(_ring.IsComplete(0, TimeSpan.FromSeconds(1))); // whoever waits need not
        }

        Assert.Single(_log.Lines, line => line.Text.Contains("No space left", StringComparison.Ordinal));
        using var next = _ring.Begin(1);
        Assert.NotNull(next);
    }

    [Fact]
    public void At_the_start_what_a_former_life_left_is_removed_and_nothing_else()
    {
        Directory.CreateDirectory(Path.Combine(_root, "front", "7"));
        Directory.CreateDirectory(Path.Combine(_root, "yard", "holiday"));
        foreach (var file in (string[])[
            "front/7/00000.ts", "front/7/100000.ts", "front/7/list.csv", "front/7/list.csv.tmp", "yard/holiday/00000.ts", "yard/a.txt"])
        {
            File.WriteAllText(Path.Combine(_root, file), "");
        }

        StaleFileCleaner.All(_root);
        Assert.False(Directory.Exists(Path.Combine(_root, "front")));
        Assert.True(File.Exists(Path.Combine(_root, "yard/holiday/00000.ts")) && File.Exists(Path.Combine(_root, "yard/a.txt")));
    }

    [Theory]
    [InlineData("/var/lib/actionstream/.ring/edge", true)]
    [InlineData("/mnt/my disk/ring", true)]
    [InlineData("/mnt/100%/ring", false)]
    [InlineData("/mnt/a|b", false)]
    [InlineData("/mnt/[a]", false)]
    public void A_folder_is_usable_if_ffmpeg_takes_its_name_for_what_it_is(string folder, bool isUsable) =>
        Assert.Equal(isUsable, RingSpec.IsUsable(folder));

    /// <summary>A child that does nothing but complain.</summary>
    private sealed class SilentRun : IFfmpegChild
    {
        public Stream Output => Stream.Null;

        public IReadOnlyList<string> Lines { get; set; } = [];

        public long LineCount { get; set; }

        public int Packets => 0;

        public TimeSpan? FormatChangedAt => null;

        public long Complaints => 0;

        public Task<int> Exited => Task.FromResult(0);

        public void Kill()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
