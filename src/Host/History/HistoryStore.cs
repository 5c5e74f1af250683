using System.Text.Json;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;
using Microsoft.Data.Sqlite;

namespace ActionStream.Host.History;

/// <summary>Writes rows into an open file. Not thread-safe.</summary>
internal sealed class HistoryStore : IDisposable
{
    private readonly SqliteConnection _file;
    private readonly SqliteCommand _step;
    private readonly SqliteCommand _block;
    private readonly Dictionary<ModelCard, long> _models = new(ReferenceEqualityComparer.Instance);

    /// <param name="file">Disposed with this.</param>
    public HistoryStore(SqliteConnection file)
    {
        _file = file;

        // The end of an event whose beginning could not be written brings all there is to know.
        _step = Prepared(
            """
            INSERT INTO events (
                id, near_miss, stream, label, start, "end", told, reason, top_score, mean_score, threshold, peak_at, peak_window,
                latency_ms, zones, model, snapshot, contact_sheet, recording)
            VALUES ($id, $near, $stream, $label, $start, $end, $told, $reason, $top, $mean, $threshold, $peak_at, $peak_window,
                $latency, $zones, $model, $snapshot, $sheet, $recording)
            ON CONFLICT (id) DO UPDATE SET
                near_miss = excluded.near_miss, start = excluded.start, "end" = excluded."end", told = excluded.told,
                reason = excluded.reason,
                top_score = excluded.top_score, mean_score = excluded.mean_score, peak_at = excluded.peak_at,
                peak_window = excluded.peak_window, zones = excluded.zones, snapshot = coalesce(excluded.snapshot, snapshot),
                contact_sheet = coalesce(excluded.contact_sheet, contact_sheet), recording = coalesce(excluded.recording, recording)
            """,
            "$id", "$near", "$stream", "$label", "$start", "$end", "$told", "$reason", "$top", "$mean", "$threshold", "$peak_at",
            "$peak_window", "$latency", "$zones", "$model", "$snapshot", "$sheet", "$recording");
        _block = Prepared(
            """INSERT INTO scores (stream, start, "end", model, count, data) VALUES ($stream, $start, $end, $model, $count, $data)""",
            "$stream", "$start", "$end", "$model", "$count", "$data");
    }

    /// <summary>Events that a service left open when it died: nobody knows more of them than what was last told.</summary>
    public int EndCrashed()
    {
        using var command = Command("""UPDATE events SET "end" = told, reason = 'crashed' WHERE "end" IS NULL""");
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs <paramref name="write"/> as a whole or not at all.</summary>
    public void Whole(Action write)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            write();
            Execute("COMMIT");
        }
        catch
        {
            _models.Clear(); // some may have been added in vain
            Undo();
            throw;
        }
    }

    public void Write(ActionEvent step, MediaNames? media, ModelCard model, double? threshold, long told)
    {
        Set(_step, "$id", step.Id);
        Set(_step, "$near", 0);
        Set(_step, "$stream", step.Stream);
        Set(_step, "$label", step.Label);
        Set(_step, "$start", step.Start.ToUnixTimeMilliseconds());
        Set(_step, "$end", step.End?.ToUnixTimeMilliseconds());
        Set(_step, "$told", told);
        Set(_step, "$reason", step.Reason is { } reason ? SettingName.Of(reason.ToString()) : null);
        Set(_step, "$top", step.TopScore);
        Set(_step, "$mean", step.MeanScore);
        Set(_step, "$threshold", threshold);
        Set(_step, "$peak_at", step.PeakAt.ToUnixTimeMilliseconds());
        Set(_step, "$peak_window", step.PeakWindow);
        Set(_step, "$latency", step.Decision.Latency.Total.TotalMilliseconds);
        Set(_step, "$zones", JsonSerializer.Serialize(step.Zones));
        Set(_step, "$model", ModelOf(model));
        Set(_step, "$snapshot", media?.SnapshotUrl);
        Set(_step, "$sheet", media?.ContactSheetUrl);
        Set(_step, "$recording", media?.ClipUrl);
        _step.ExecuteNonQuery();
    }

    public void Write(NearMiss miss, ModelCard model)
    {
        foreach (SqliteParameter parameter in _step.Parameters)
        {
            parameter.Value = DBNull.Value;
        }

        Set(_step, "$id", miss.Id);
        Set(_step, "$near", 1);
        Set(_step, "$stream", miss.Stream);
        Set(_step, "$label", miss.Label);
        Set(_step, "$start", miss.Start.ToUnixTimeMilliseconds());
        Set(_step, "$end", miss.End.ToUnixTimeMilliseconds());
        Set(_step, "$told", miss.End.ToUnixTimeMilliseconds());
        Set(_step, "$top", miss.TopScore);
        Set(_step, "$threshold", miss.Enter);
        Set(_step, "$peak_at", miss.PeakAt.ToUnixTimeMilliseconds());
        Set(_step, "$peak_window", miss.PeakWindow);
        Set(_step, "$zones", "[]");
        Set(_step, "$model", ModelOf(model));
        _step.ExecuteNonQuery();
    }

    public void Write(string stream, ScoreBlockBuilder block)
    {
        Set(_block, "$stream", stream);
        Set(_block, "$start", block.Start);
        Set(_block, "$end", block.End);
        Set(_block, "$model", block.Model);
        Set(_block, "$count", block.Count);
        Set(_block, "$data", block.Build().Encode());
        _block.ExecuteNonQuery();
    }

    /// <summary>The number under which rows name a model; within <see cref="Whole"/>.</summary>
    public long ModelOf(ModelCard card)
    {
        if (_models.TryGetValue(card, out var known))
        {
            return known;
        }

        var identity = ModelIdentity.Of(card);
        using var add = Command(
            """
            INSERT INTO models (name, version, labels) VALUES ($name, $version, $labels) ON CONFLICT DO NOTHING;
            SELECT id FROM models WHERE name = $name AND version = $version AND labels = $labels;
            """);
        add.Parameters.AddWithValue("$name", identity.Name);
        add.Parameters.AddWithValue("$version", identity.Version ?? "");
        add.Parameters.AddWithValue("$labels", JsonSerializer.Serialize(card.Labels));
        return _models[card] = (long)add.ExecuteScalar()!;
    }

    /// <summary>Bytes of rows; what has been freed in the file does not count.</summary>
    public long Used => Number("PRAGMA page_size") * (Number("PRAGMA page_count") - Number("PRAGMA freelist_count"));

    /// <summary>Runs one statement, and says how many rows it touched.</summary>
    public int Execute(string statement, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(statement);
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _step.Dispose();
        _block.Dispose();
        _file.Dispose();
    }

    private void Undo()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has done it already, as it does where the disk is full.
        }
    }

    public long Number(string question)
    {
        using var asking = Command(question);
        return (long)asking.ExecuteScalar()!;
    }

    private SqliteCommand Command(string text)
    {
        var command = _file.CreateCommand();
        command.CommandText = text;
        return command;
    }

    private SqliteCommand Prepared(string text, params ReadOnlySpan<string> names)
    {
        var command = Command(text);
        foreach (var name in names)
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }

        return command;
    }

    private static void Set(SqliteCommand command, string name, object? value) => command.Parameters[name].Value = value ?? DBNull.Value;
}
