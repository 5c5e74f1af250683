using ActionStream.Core.Media;
using ActionStream.Ingest.Recording;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Ingest.Recording;

/// <summary>A camera's ring with packets that a test makes, and real files.</summary>
public sealed class RecordingBufferTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ring-").FullName;
    private readonly FakeClock _clock = new();
    private readonly LogLines<RecordingBuffers> _log = new();
    private readonly RecordingWriter _writer = new();
    private readonly RecordingBuffer _ring;

    public RecordingBufferTests() =>
        _ring = new("front", new RingSpec(_root, TimeSpan.FromSeconds(10), 10_000), _writer, _clock, _log);

    public void Dispose()
    {
        _writer.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private string[] Files => [.. Directory.EnumerateFiles(
        _root, "*.nut", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_root, file)).Order(StringComparer.Ordinal)];

    private static RecordingSpan Span(int epoch, double from, double to) =>
        new("front", epoch, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to));

    private BufferedConnection Begin(int epoch)
    {
        var connection = _ring.Begin(epoch)!;
        connection.Begin(Sent.H264);
        return connection;
    }

    private async Task<BufferedConnection> SentAsync(int epoch, int first, int count, int bytes)
    {
        var connection = Begin(epoch);
        Sent.Pictures(connection, first, count, bytes);
        await _writer.SettleAsync();
        return connection;
    }

    private async Task EndAsync(BufferedConnection connection)
    {
        connection.Dispose();
        await _writer.SettleAsync();
    }

    [Fact]
    public async Task What_is_older_than_asked_goes_and_a_span_finds_the_rest()
    {
        using var connection = await SentAsync(epoch: 0, first: 0, count: 16, bytes: 10);
        _ring.Tend();
        // 10 s, the piece on their border, and the open one
        Assert.Equal(Enumerable.Range(4, 12).Select(i => $"front/0/{i:00000}.nut"), Files);
        Assert.Equal(["00008.nut", "00009.nut"], _ring.Find(Span(0, 8.5, 9.5)).Pieces.Select(piece => piece.File));
        Assert.Empty(_ring.Find(Span(0, 1, 3)).Pieces);
        Assert.Empty(_ring.Find(Span(1, 8.5, 9.5)).Pieces); // another connection's time is another time
        Assert.Equal((true, false), (_ring.IsComplete(0, TimeSpan.FromSeconds(15)), _ring.IsComplete(0, TimeSpan.FromSeconds(15.5))));
    }

    [Fact]
    public async Task A_piece_begins_with_a_key_picture_and_ends_at_the_first_one_after_a_second()
    {
        using var connection = Begin(0);
        foreach (var (second, isKey) in ((double, bool)[])
            [(0, false), (0.4, true), (0.8, false), (1.2, true), (1.6, false), (1.8, true), (9, false), (9.5, true)])
        {
            Sent.Picture(connection, second, 10, isKey);
        }

        await _writer.SettleAsync();
        Assert.Equal(
            [(0.4, 1.8), (1.8, 9.5)], _ring.Find(Span(0, 0, 9)).Pieces.Select(piece => (piece.Start.TotalSeconds, piece.End.TotalSeconds)));
        await EndAsync(connection);
        Assert.Equal(3, Files.Length);
    }

    [Fact]
    public async Task Bytes_are_bounded_over_all_connections_of_a_camera_and_the_oldest_go()
    {
        await EndAsync(await SentAsync(epoch: 0, first: 0, count: 5, bytes: 1800));
        using var connection = await SentAsync(epoch: 1, first: 5, count: 3, bytes: 1800);
        _ring.Tend();
        Assert.InRange(_ring.Bytes, 5 * 1800, 10_000);
        Assert.Equal(_ring.Bytes, Files.Sum(file => new FileInfo(Path.Combine(_root, file)).Length));
        Assert.Equal(["front/0/00003.nut", "front/0/00004.nut"], Files[..2]);
        Assert.Equal(5, Files.Length);
    }

    [Fact]
    public async Task A_camera_that_sends_no_key_picture_cannot_fill_the_disk_and_what_it_sent_is_used_for_nothing()
    {
        using var connection = Begin(0);
        for (var i = 0; i < 20; i++)
        {
            Sent.Picture(connection, i, 4096, isKey: i == 0);
            await _writer.SettleAsync();
            _ring.Tend();
            Assert.True(_ring.Bytes <= 10_000, $"{_ring.Bytes} bytes after {i}");
            Assert.Equal(i < 2 ? 1 : 0, Files.Length);
        }

        Assert.Empty(_ring.Find(Span(0, 5, 15)).Pieces);
        Sent.Pictures(connection, first: 20, count: 2, bytes: 10);
        await _writer.SettleAsync();
        Assert.Single(_ring.Find(Span(0, 5, 25)).Pieces);
    }

    [Fact]
    public async Task Pieces_outlive_their_connection_for_as_long_as_an_event_of_it_may_want_them()
    {
        await EndAsync(await SentAsync(epoch: 0, first: 0, count: 3, bytes: 10));
        Assert.True(_ring.IsComplete(0, TimeSpan.FromSeconds(60))); // no more will come
        _clock.Advance(TimeSpan.FromSeconds(9));
        _ring.Tend();
        using (var found = _ring.Find(Span(0, 0, 10)))
        {
            Assert.Equal(2, found.Pieces.Count(piece => piece.End > piece.Start)); // and the last picture alone, whose end nobody knows
        }

        _clock.Advance(TimeSpan.FromSeconds(2));
        _ring.Tend();
        Assert.False(Directory.Exists(Path.Combine(_root, "front", "0")));
    }

    [Fact]
    public async Task Pieces_of_which_a_recording_is_being_made_stay_until_it_is_whatever_else_goes()
    {
        var connection = await SentAsync(epoch: 0, first: 0, count: 10, bytes: 900);
        var joined = _ring.Find(Span(0, 0.5, 2.5));
        var another = _ring.Find(Span(0, 2.5, 3.5));
        Sent.Pictures(connection, first: 10, count: 7, bytes: 900); // 0 to 4 are too old, and there are too many bytes
        await _writer.SettleAsync();
        _ring.Tend();
        Assert.Equal(
            ["00000.nut", "00001.nut", "00002.nut", "00003.nut"], Files[..4].Select(file => Path.GetFileName(file)));
        Assert.True(string.CompareOrdinal(Path.GetFileName(Files[4]), "00006.nut") > 0, Files[4]);
        joined.Dispose();
        joined.Dispose();
        _ring.Tend();
        Assert.Equal(["00002.nut", "00003.nut"], Files[..2].Select(file => Path.GetFileName(file))); // 2 is in both
        await EndAsync(connection);

        _clock.Advance(TimeSpan.FromSeconds(11));
        _ring.Tend();
        Assert.True(Directory.Exists(Path.Combine(_root, "front", "0")));
        another.Dispose();
        _ring.Tend();
        Assert.False(Directory.Exists(Path.Combine(_root, "front", "0")));
    }

    [Fact]
    public async Task Two_connections_of_one_epoch_do_not_remove_each_other_s_pieces()
    {
        await EndAsync(await SentAsync(epoch: 0, first: 0, count: 2, bytes: 10));
        _clock.Advance(TimeSpan.FromSeconds(9));
        using var second = await SentAsync(epoch: 0, first: 0, count: 6, bytes: 10);
        _clock.Advance(TimeSpan.FromSeconds(2));
        _ring.Tend();
        Assert.Equal(5, _ring.Find(Span(0, 0, 5)).Pieces.Count);
    }

    [Fact]
    public async Task A_connection_that_brought_nothing_leaves_nothing()
    {
        for (var epoch = 0; epoch < 5; epoch++)
        {
            await EndAsync(_ring.Begin(epoch)!);
        }

        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_root, "front")));
    }

    [Fact]
    public async Task A_coding_that_cannot_be_kept_is_refused_once_and_for_all_and_said_once()
    {
        var connection = _ring.Begin(0)!;
        connection.Begin(Sent.Stream("WMV2"));
        Sent.Pictures(connection, first: 0, count: 3, bytes: 10);
        await EndAsync(connection);

        Assert.True(_ring.IsRefused);
        Assert.Null(_ring.Begin(1));
        Assert.Empty(Files);
        _ring.Refuse("again");
        Assert.Contains("WMV2", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_is_said_once_and_asked_again_every_half_minute()
    {
        using var connection = Begin(0);
        Directory.Delete(connection.Folder);
        Sent.Pictures(connection, first: 0, count: 3, bytes: 10);
        await _writer.SettleAsync();
        Assert.True(_ring.IsComplete(0, TimeSpan.FromSeconds(1))); // whoever waits need not
        Assert.Equal(3, _writer.Unwritten);
        _clock.Advance(TimeSpan.FromSeconds(31));
        Sent.Pictures(connection, first: 31, count: 1, bytes: 10);
        await _writer.SettleAsync();
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning);

        Directory.CreateDirectory(connection.Folder);
        _clock.Advance(TimeSpan.FromSeconds(31));
        Sent.Picture(connection, 62, 10, isKey: false); // nothing to begin with
        Sent.Pictures(connection, first: 63, count: 3, bytes: 10);
        await _writer.SettleAsync();
        Assert.Equal(2, _ring.Find(Span(0, 0, 100)).Pieces.Count);
        Assert.False(_ring.IsComplete(0, TimeSpan.FromSeconds(66)));
        Assert.Single(_log.Lines);

        Directory.Delete(connection.Folder, recursive: true);
        Sent.Pictures(connection, first: 66, count: 1, bytes: 10);
        await _writer.SettleAsync();
        Assert.Equal(2, _log.Lines.Count); // it worked in between
    }

    [Fact]
    public async Task A_disk_that_hangs_holds_up_no_camera_and_what_it_missed_is_counted_and_no_recording_s_middle()
    {
        using var log = new HangingLog();
        using var hanging = new RecordingBuffer("yard", _ring.Spec, _writer, _clock, log).Begin(0)!;
        var large = new RecordingBuffer("front", _ring.Spec with { Bytes = 100_000_000 }, _writer, _clock, _log);
        using var connection = large.Begin(0)!;
        hanging.Begin(Sent.H264);
        connection.Begin(Sent.H264);
        Directory.Delete(hanging.Folder);
        Sent.Picture(hanging, 0, 10);
        log.Hangs.Wait(TimeSpan.FromSeconds(30));

        Sent.Pictures(connection, first: 0, count: 3, bytes: 1 << 20);
        Sent.Picture(connection, 3, 1 << 20, isKey: false);
        Sent.Picture(connection, 4, 1 << 20, isKey: false); // the fifth has no room
        Sent.Picture(connection, 5, 10, isKey: false); // this one has, and cannot be decoded
        Assert.Equal(2, _writer.Unqueued);
        log.GoesOn.Set();
        await _writer.SettleAsync();
        Sent.Pictures(connection, first: 6, count: 2, bytes: 10);
        await _writer.SettleAsync();

        var pieces = large.Find(Span(0, 0, 10)).Pieces;
        Assert.Equal(
            [(0, 1), (1, 2), (2, 3), (6, 7)], pieces.Select(piece => ((int)piece.Start.TotalSeconds, (int)piece.End.TotalSeconds)));
        Assert.Equal(RecordingResult.Partial, SegmentList.Covers(pieces, TimeSpan.Zero, TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public async Task Packets_are_given_back_when_they_are_written_or_left_out()
    {
        var packets = Enumerable.Range(0, 5).Select(i => new ActionStream.Ingest.Packets.Packet(10)
        {
            Presentation = TimeSpan.FromSeconds(i),
            IsKey = true,
        }).ToArray();
        using var connection = Begin(0);
        foreach (var packet in packets)
        {
            connection.Add(packet);
        }

        await EndAsync(connection);
        foreach (var packet in packets)
        {
            packet.Dispose();
            Assert.Throws<ObjectDisposedException>(() => packet.Bytes.Length); // nobody else holds it
        }
    }

    [Fact]
    public void At_the_start_what_a_former_life_left_is_removed_and_nothing_else()
    {
        Directory.CreateDirectory(Path.Combine(_root, "front", "7"));
        Directory.CreateDirectory(Path.Combine(_root, "yard", "holiday"));
        foreach (var file in (string[])[
            "front/7/00000.nut", "front/7/100000.nut", "front/7/00000.ts", "front/7/list.csv", "front/7/list.csv.tmp",
            "yard/holiday/00000.nut", "yard/a.txt"])
        {
            File.WriteAllText(Path.Combine(_root, file), "");
        }

        StaleFileCleaner.All(_root);
        Assert.False(Directory.Exists(Path.Combine(_root, "front")));
        Assert.True(File.Exists(Path.Combine(_root, "yard/holiday/00000.nut")) && File.Exists(Path.Combine(_root, "yard/a.txt")));
    }

    /// <summary>Holds the writer's thread, as a disk could.</summary>
    private sealed class HangingLog : ILogger, IDisposable
    {
        public ManualResetEventSlim Hangs { get; } = new();

        public ManualResetEventSlim GoesOn { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Hangs.Set();
            GoesOn.Wait(TimeSpan.FromSeconds(30));
        }

        public void Dispose()
        {
            GoesOn.Set();
            Hangs.Dispose();
        }
    }
}
