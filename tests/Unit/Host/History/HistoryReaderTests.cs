using ActionStream.Core.Configuration;
using ActionStream.Host.History;
using ActionStream.Publish.Events;
using Microsoft.Data.Sqlite;

namespace ActionStream.Unit.Host.History;

public sealed class HistoryReaderTests : IDisposable
{
    private readonly HistoryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    private DateTimeOffset At(int second) => _rig.Clock.GetUtcNow().AddSeconds(second);

    [Fact]
    public void Pages_follow_each_other_without_gap_or_repetition_while_events_come_and_go()
    {
        // Several begin at the same time, as those of several cameras do.
        _rig.Keeper.Keep([.. Enumerable.Range(0, 50).Select(i => _rig.Step($"e{i:00}", EventType.End, start: At(i / 3)))]);
        using var reader = _rig.Reader();
        List<string> seen = [];
        HistoryCursor? after = null;
        while (reader.Events(new(After: after, Limit: 7)) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(found => found.EventId));
            after = page[^1].Cursor;
            _rig.Keeper.Keep([_rig.Step($"later-{seen.Count}", EventType.End, start: At(100))]);
        }

        Assert.Equal([.. Enumerable.Range(0, 50).Reverse().Select(i => $"e{i:00}")], seen);
    }

    [Fact]
    public void Filters_hold_each_and_together()
    {
        _rig.Keeper.Keep(
        [
            _rig.Step("a", EventType.End, "front", "fall", start: At(0)), _rig.Step("b", EventType.End, "front", "walk", start: At(10)),
            _rig.Step("c", EventType.End, "back", "fall", start: At(20)), _rig.Step("d", EventType.Start, "back", "walk", start: At(30)),
        ]);
        using var reader = _rig.Reader();
        string Ids(HistoryQuery query) => string.Concat(reader.All(query).Select(found => found.EventId));
        Assert.Equal("dcba", Ids(new()));
        Assert.Equal("ba", Ids(new(Camera: "front")));
        Assert.Equal("ca", Ids(new(Label: "fall")));
        Assert.Equal("cb", Ids(new(From: At(10), To: At(30))));
        Assert.Equal("c", Ids(new("back", "fall", At(10), At(30))));
        Assert.Equal("", Ids(new("back'; DROP TABLE events; --")));
        Assert.Equal("b", reader.Find("b")!.EventId);
        Assert.Null(reader.Find("e"));
    }

    [Fact]
    public void All_is_all_however_many_pages_it_takes()
    {
        _rig.Keeper.Keep([.. Enumerable.Range(0, 2500).Select(i => _rig.Step($"e{i}", EventType.End, start: At(i)))]);
        Assert.Equal(2500, _rig.Events().Select(found => found.EventId).Distinct().Count());
    }

    [Theory]
    [InlineData("12-34", true)]
    [InlineData("12", false)]
    [InlineData("-1-2", false)]
    [InlineData("a-b", false)]
    [InlineData("", false)]
    public void A_cursor_is_two_numbers(string text, bool isOne)
    {
        Assert.Equal(isOne, HistoryCursor.TryParse(text, out var cursor));
        Assert.True(!isOne || cursor.ToString() == text);
    }

    [Fact]
    public void What_is_no_history_is_told_in_one_line()
    {
        var path = _rig.Options.Path;
        Assert.Contains("no such file", Assert.Throws<HistoryException>(() => new HistoryReader(path)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "a text that is long enough to be taken for a database by whoever looks at its length alone");
        Assert.Contains("no sound", Assert.Throws<HistoryException>(() => new HistoryReader(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "");
        Assert.Contains("no history", Assert.Throws<HistoryException>(() => new HistoryReader(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_newer_version_is_left_alone_by_reader_and_writer()
    {
        _rig.Keeper.Keep([_rig.Step("a", EventType.End)]);
        _rig.Restart();
        Do(_rig.Options.Path, "PRAGMA user_version = 99");
        Assert.Contains("99", Assert.Throws<HistoryException>(() => _rig.Reader()).Message, StringComparison.Ordinal);
        _rig.Keeper.Keep([_rig.Step("b", EventType.End)]);
        Assert.Contains("99", _rig.Keeper.Problem, StringComparison.Ordinal);
        Do(_rig.Options.Path, FormattableString.Invariant($"PRAGMA user_version = {HistorySchema.Version}"));
        Assert.Equal("a", Assert.Single(_rig.Events()).EventId);
    }

    [Fact]
    public void An_older_file_is_brought_up_to_date_step_by_step_and_keeps_its_rows()
    {
        using var file = new SqliteConnection("Data Source=:memory:");
        file.Open();
        string[] steps = ["CREATE TABLE a (x); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y DEFAULT 2"];
        HistorySchema.Migrate(file, steps[..1]);
        Assert.Equal(1, HistorySchema.VersionOf(file));
        HistorySchema.Migrate(file, steps);
        HistorySchema.Migrate(file, steps);
        Assert.Equal(2, HistorySchema.VersionOf(file));
        using var asking = file.CreateCommand();
        asking.CommandText = "SELECT x + y FROM a";
        Assert.Equal(3L, asking.ExecuteScalar());

        string[] broken = [.. steps, "CREATE TABLE b (x); CREATE TABLE a (x)"];
        Assert.Throws<SqliteException>(() => HistorySchema.Migrate(file, broken));
        Assert.Equal(2, HistorySchema.VersionOf(file));
        asking.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'b'";
        Assert.Equal(0L, asking.ExecuteScalar());
    }

    [Theory]
    [InlineData("2h", "2025-12-31T22:00:00Z")]
    [InlineData("1d", "2025-12-31T00:00:00Z")]
    [InlineData("2025-12-24T18:30:00+01:00", "2025-12-24T17:30:00Z")]
    [InlineData("1767225600.5", "2026-01-01T00:00:00.5Z")]
    public void A_time_is_a_moment_or_how_long_ago(string typed, string expected)
    {
        Assert.True(HistoryTime.TryParse(typed, _rig.Clock, out var time), typed);
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), time);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2025-13-01")]
    [InlineData("")]
    [InlineData("-2h")]
    [InlineData("17")]
    public void What_is_no_time_is_none(string typed) => Assert.False(HistoryTime.TryParse(typed, _rig.Clock, out _), typed);

    [Fact]
    public void Rows_for_a_spreadsheet_hold_what_they_are_given_and_no_formula()
    {
        _rig.Keeper.Keep([_rig.Step("a", EventType.End, label: "=1+\"x\",2")]);
        var line = HistoryCsv.Line(Assert.Single(_rig.Events()));
        Assert.StartsWith("a,front,\"'=1+\"\"x\"\",2\",false,", line, StringComparison.Ordinal);
        Assert.Equal(HistoryCsv.Header.Split(',').Length + 1, line.Split(',').Length); // one comma is the label's
    }

    [Theory]
    [InlineData("path", "/")]
    [InlineData("keep", "1s")]
    [InlineData("bytes", "10")]
    public void Bad_settings_are_told(string setting, string value)
    {
        var options = setting switch
        {
            "path" => new HistoryOptions { Path = value },
            "keep" => new() { Keep = TimeSpan.FromSeconds(1) },
            _ => new HistoryOptions { Bytes = 10 },
        };
        var check = new ConfigCheck("file");
        options.Check(check);
        Assert.Contains(setting, Assert.Single(check.Problems).Message + Assert.Single(check.Problems).Path, StringComparison.Ordinal);
        check = new ConfigCheck("file");
        new HistoryOptions().Check(check);
        Assert.Empty(check.Problems);
        Assert.False(new HistoryOptions().IsOn);
    }

    private static void Do(string path, string statement)
    {
        using var file = new SqliteConnection($"Data Source={path};Pooling=False");
        file.Open();
        using var command = file.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
