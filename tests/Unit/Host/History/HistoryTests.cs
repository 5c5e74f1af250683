using ActionStream.Host.History;
using ActionStream.Publish.Events;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Host.History;

public sealed class HistoryTests : IDisposable
{
    private readonly HistoryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void An_event_is_one_row_from_its_start_to_its_end_and_readable_meanwhile()
    {
        _rig.Keeper.Keep([_rig.Step("a", EventType.Start)]);
        Assert.Null(Assert.Single(_rig.Events()).EndTime);
        _rig.Keeper.Keep([_rig.Step("a", EventType.Update), _rig.Step("a", EventType.End, score: 0.91)]);

        var kept = Assert.Single(_rig.Events());
        Assert.Equal(("a", "front", "fall", "score", 0.91, 0.6), (kept.EventId, kept.Camera, kept.Label, kept.EndReason, kept.TopScore, kept.Threshold));
        Assert.Equal((3.0, 1.0, 9L), (kept.EndTime - kept.StartTime, kept.PeakTime - kept.StartTime, kept.PeakWindow));
        Assert.Equal((12.0, "toy", "/media/front/a.jpg"), (kept.LatencyMs, kept.Model, kept.SnapshotUrl));
        Assert.Equal(["stairs"], kept.Zones);
    }

    [Fact]
    public void Nobody_else_on_the_machine_can_read_it()
    {
        _rig.Keeper.Keep([_rig.Step("a", EventType.End)]);
        string[] files = [_rig.Options.Path, _rig.Options.Path + "-wal", _rig.Options.Path + "-shm"];
        Assert.All(files, file => Assert.True(OperatingSystem.IsWindows()
            || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file));
    }

    [Fact]
    public void Near_misses_are_listed_apart()
    {
        _rig.Keeper.Keep([_rig.Step("a", EventType.End), _rig.Miss("m")]);
        Assert.Equal("a", Assert.Single(_rig.Events()).EventId);
        var miss = Assert.Single(_rig.Events(nearMisses: true));
        Assert.Equal(("m", true, 0.55, 0.6), (miss.EventId, miss.NearMiss, miss.TopScore, miss.Threshold));
    }

    [Fact]
    public void The_scores_around_an_event_are_there_as_soon_as_it_has_ended()
    {
        _rig.Keeper.Keep([_rig.Scores(0.2f, 0.4f)]);
        using var reader = _rig.Reader();
        var now = _rig.Clock.GetUtcNow();
        Assert.Empty(reader.Scores("front", now, now));
        _rig.Keeper.Keep([_rig.Scores(0.2f, 0.8f), _rig.Step("a", EventType.End)]);

        var curve = Assert.Single(reader.Scores("front", now, now, "fall"));
        Assert.Equal([0.4, 0.8], curve.Scores["fall"], (a, b) => Math.Abs(a - b) < 0.003);
        Assert.Equal(["fall"], curve.Scores.Keys);
        Assert.Empty(reader.Scores("back", now, now));
    }

    [Fact]
    public void Scores_of_a_camera_that_sleeps_are_written_after_their_time_all_the_same()
    {
        _rig.Keeper.Keep([_rig.Scores(0.2f, 0.4f)]);
        var at = _rig.Clock.GetUtcNow();
        _rig.Clock.Advance(ScoreBlockBuilder.Longest);
        _rig.Keeper.Keep([]);
        using var reader = _rig.Reader();
        Assert.Single(Assert.Single(reader.Scores("front", at, at)).Times);
    }

    [Fact]
    public void Events_that_were_open_when_the_service_died_have_ended_when_it_starts_again()
    {
        _rig.Keeper.Keep([_rig.Step("a", EventType.Start)]);
        _rig.Restart();
        _rig.Keeper.Keep([]);
        var kept = Assert.Single(_rig.Events());
        Assert.Equal(("crashed", kept.StartTime), (kept.EndReason, kept.EndTime));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_file_is_set_aside_with_one_warning_and_a_new_one_begins(bool isWhileRunning)
    {
        _rig.Keeper.Keep([.. Enumerable.Range(0, 300).Select(i => _rig.Step($"old-{i}", EventType.End))]);
        if (!isWhileRunning)
        {
            _rig.Restart();
            File.WriteAllText(_rig.Options.Path, "this is no database, whatever its name says, and it is long enough to be looked at");
        }
        else
        {
            _rig.Restart();
            using (var file = new FileStream(_rig.Options.Path, FileMode.Open))
            {
                file.Position = 4096; // the first page stays, so that it opens
                file.Write(new byte[file.Length - 4096]);
            }
        }

        for (var i = 0; i < 3; i++)
        {
            _rig.Keeper.Keep([_rig.Step("new", EventType.End)]);
        }

        Assert.Equal("new", Assert.Single(_rig.Events()).EventId);
        Assert.Single(_rig.Log.Lines, line => line.Level is LogLevel.Warning && line.Text.Contains("damaged", StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_rig.Options.Path)!, "*.damaged-*"));
    }

    [Fact]
    public void Three_damaged_files_are_kept_at_most()
    {
        var now = _rig.Clock.GetUtcNow();
        Directory.CreateDirectory(Path.GetDirectoryName(_rig.Options.Path)!);
        for (var i = 0; i < 5; i++)
        {
            File.WriteAllText(_rig.Options.Path, "damaged");
            File.WriteAllText(_rig.Options.Path + "-wal", "damaged too");
            HistoryFile.SetAside(_rig.Options.Path, now.AddSeconds(i));
        }

        var left = Directory.GetFiles(Path.GetDirectoryName(_rig.Options.Path)!).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(6, left.Count());
        Assert.DoesNotContain("history.db.damaged-20260101T000001000", left);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_said_once_and_tried_again_and_no_event_is_lost()
    {
        // A file where its folder should be: also root cannot write there.
        var folder = Path.GetDirectoryName(_rig.Options.Path)!;
        File.WriteAllText(folder, "");
        for (var i = 0; i < 40; i++)
        {
            _rig.Keeper.Keep(i == 0 ? [_rig.Step("a", EventType.End), _rig.Scores(0, 0)] : []);
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Single(_rig.Log.Lines);
        Assert.NotNull(_rig.Keeper.Problem);
        Assert.Equal(1, _rig.Counts["actionstream.history.dropped reason=unavailable"]);

        File.Delete(folder);
        _rig.Clock.Advance(HistoryKeeper.RetryEvery);
        _rig.Keeper.Keep([]);
        Assert.Equal("a", Assert.Single(_rig.Events()).EventId);
        Assert.Null(_rig.Keeper.Problem);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _rig.Log.Lines.Select(line => line.Level));
    }

    [Fact]
    public void A_write_that_fails_costs_scores_and_no_event()
    {
        _rig.Keeper.Keep([_rig.Scores(0, 0)]);
        using (var other = new SqliteConnection($"Data Source={_rig.Options.Path};Pooling=False"))
        {
            other.Open();
            using var take = other.CreateCommand();
            take.CommandText = "BEGIN EXCLUSIVE"; // as a disk that takes nothing: writing fails after its patience
            take.ExecuteNonQuery();
            _rig.Keeper.Keep([_rig.Step("a", EventType.End)]);
            Assert.NotNull(_rig.Keeper.Problem);
        }

        _rig.Clock.Advance(HistoryKeeper.RetryEvery);
        _rig.Keeper.Keep([]);
        Assert.Equal("a", Assert.Single(_rig.Events()).EventId);
        Assert.Equal(1, _rig.Counts["actionstream.history.dropped reason=failed"]);
    }

    [Fact]
    public void A_second_service_does_not_write_the_same_file()
    {
        using var other = new HistoryRig { Options = _rig.Options };
        _rig.Keeper.Keep([_rig.Step("a", EventType.Start)]);
        other.Keeper.Keep([]);
        Assert.Contains("another service", other.Keeper.Problem, StringComparison.Ordinal);
        Assert.Null(Assert.Single(_rig.Events()).EndTime);
    }

    [Fact]
    public void What_is_too_old_is_forgotten()
    {
        _rig.Options = _rig.Options with { Keep = TimeSpan.FromDays(2) };
        _rig.Keeper.Keep([_rig.Step("old", EventType.End), _rig.Miss("old-miss"), _rig.Scores(0, 0.9f)]);
        var then = _rig.Clock.GetUtcNow();
        _rig.Clock.Advance(TimeSpan.FromDays(1.5));
        _rig.Keeper.Keep([_rig.Step("young", EventType.End)]);
        _rig.Clock.Advance(TimeSpan.FromDays(1));
        _rig.Keeper.Keep([]);

        Assert.Equal("young", Assert.Single(_rig.Events()).EventId);
        Assert.Empty(_rig.Events(nearMisses: true));
        using var reader = _rig.Reader();
        Assert.Empty(reader.Scores("front", then, then));
        Assert.Equal(3, _rig.Counts["actionstream.history.removed reason=age"]);
    }

    [Fact]
    public void Of_too_much_scores_go_first_then_near_misses_then_events_and_what_was_judged_last()
    {
        using var store = new HistoryStore(HistoryFile.OpenForWriting(New()));
        store.Whole(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var step = _rig.Step($"event-{i}", EventType.End, start: _rig.Clock.GetUtcNow().AddSeconds(i));
                store.Write(step.Step!, step.Media, HistoryRig.Card, 0.6, 0);
                store.Write(_rig.Miss($"miss-{i}").Miss!, HistoryRig.Card);
                var block = new ScoreBlockBuilder(store.ModelOf(HistoryRig.Card), 2);
                block.Add(i, true, [1, 2]);
                store.Write("front", block);
            }
        });
        store.Execute("UPDATE events SET verdict = 'right' WHERE id = 'event-0'");

        long Left(string what) => Count(store, what);
        var limit = store.Used;
        while (Left("scores") > 0)
        {
            limit -= 20_000;
            new HistoryRetention(TimeSpan.FromDays(3650), limit).Apply(store, _rig.Clock.GetUtcNow());
            Assert.True(store.Used <= limit, $"{store.Used} of {limit}");
            Assert.True(Left("scores") == 0 || Left("events") == 4000, "an event went before scores");
        }

        while (Left("events WHERE near_miss = 1") > 0)
        {
            limit -= 20_000;
            new HistoryRetention(TimeSpan.FromDays(3650), limit).Apply(store, _rig.Clock.GetUtcNow());
            Assert.True(Left("events WHERE near_miss = 1") == 0 || Left("events WHERE near_miss = 0") == 2000, "an event before a near miss");
        }

        while (Left("events") > 150)
        {
            limit -= 20_000;
            new HistoryRetention(TimeSpan.FromDays(3650), limit).Apply(store, _rig.Clock.GetUtcNow());
            Assert.Equal(1, Left("events WHERE id = 'event-0'"));
        }

        Assert.Equal(0, Left("events WHERE id = 'event-1'"));
        Assert.Equal(1, Left("events WHERE id = 'event-1999'"));
    }

    [Fact]
    public void The_file_becomes_smaller_when_much_is_forgotten()
    {
        var path = New();
        var before = 0L;
        using (var store = new HistoryStore(HistoryFile.OpenForWriting(path)))
        {
            store.Whole(() => Array.ForEach(
                Enumerable.Range(0, 5000).ToArray(), i => store.Write(_rig.Miss($"miss-{i}").Miss!, HistoryRig.Card)));
            store.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            before = new FileInfo(path).Length;
            Assert.Equal(5000, new HistoryRetention(TimeSpan.FromDays(1), long.MaxValue).Apply(store, _rig.Clock.GetUtcNow().AddDays(2)).Old);
        }

        Assert.True(new FileInfo(path).Length < before / 4, $"{before} before, {new FileInfo(path).Length} after");
    }

    private static long Count(HistoryStore store, string what) => store.Number($"SELECT count(*) FROM {what}");

    private string New()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_rig.Options.Path)!);
        return _rig.Options.Path;
    }
}
