using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace ActionStream.Host.History;

/// <summary>Answers questions about the history, also while a service writes it. Not thread-safe.</summary>
internal sealed class HistoryReader : IDisposable
{
    private const string Columns =
        """
        seq, events.id, stream, label, near_miss, start, "end", reason, top_score, mean_score, threshold, peak_at, peak_window, latency_ms,
        zones, models.name, models.version, snapshot, contact_sheet, recording, verdict, verdict_label
        """;

    private readonly string _path;
    private readonly SqliteConnection _file;

    /// <exception cref="HistoryException">There is no history there.</exception>
    public HistoryReader(string path) => (_path, _file) = (path, HistoryFile.OpenForReading(path));

    /// <summary>A page of events, latest first.</summary>
    public IReadOnlyList<HistoryEvent> Events(HistoryQuery query) => Asked(asking =>
    {
        var where = new StringBuilder("near_miss = $near");
        asking.Parameters.AddWithValue("$near", query.NearMisses ? 1 : 0);
        Add("stream = $stream", "$stream", query.Camera);
        Add("label = $label", "$label", query.Label);
        Add("start >= $from", "$from", query.From?.ToUnixTimeMilliseconds());
        Add("start < $to", "$to", query.To?.ToUnixTimeMilliseconds());
        Add("(start, seq) < ($start, $seq)", "$start", query.After?.Start);
        if (query.After is { } after)
        {
            asking.Parameters.AddWithValue("$seq", after.Seq);
        }

        asking.Parameters.AddWithValue("$limit", Math.Clamp(query.Limit, 1, HistoryQuery.MostAtOnce));
        asking.CommandText =
            $"SELECT {Columns} FROM events JOIN models ON models.id = events.model WHERE {where} "
            + "ORDER BY start DESC, seq DESC LIMIT $limit";
        return Read(asking);

        void Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                where.Append(" AND ").Append(condition);
                asking.Parameters.AddWithValue(name, value);
            }
        }
    });

    /// <summary>All of them, page by page, so that the writer is never held up for long.</summary>
    public IEnumerable<HistoryEvent> All(HistoryQuery query)
    {
        var next = query with { Limit = HistoryQuery.MostAtOnce };
        while (true)
        {
            var page = Events(next);
            foreach (var found in page)
            {
                yield return found;
            }

            if (page.Count < HistoryQuery.MostAtOnce)
            {
                yield break;
            }

            next = next with { After = page[^1].Cursor };
        }
    }

    /// <summary>One event or near miss; null if there is none of that name.</summary>
    public HistoryEvent? Find(string id) => Asked(asking =>
    {
        asking.CommandText = $"SELECT {Columns} FROM events JOIN models ON models.id = events.model WHERE events.id = $id";
        asking.Parameters.AddWithValue("$id", id);
        return Read(asking).FirstOrDefault();
    });

    /// <summary>The scores of one camera, oldest first; a curve for each model that looked.</summary>
    /// <param name="label">Of one label; null for all.</param>
    /// <param name="most">Decisions at most; of more, the first.</param>
    public IReadOnlyList<ScoreCurve> Scores(
        string camera, DateTimeOffset from, DateTimeOffset to, string? label = null, int most = 100_000) =>
        Asked(asking =>
        {
            var (first, last) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
            asking.CommandText =
                """
                SELECT scores.start, data, models.name, models.version, models.labels FROM scores JOIN models ON models.id = scores.model
                WHERE stream = $stream AND scores.start <= $to AND scores.start >= $from - $longest AND "end" >= $from
                ORDER BY scores.start, seq
                """;
            asking.Parameters.AddWithValue("$stream", camera);
            asking.Parameters.AddWithValue("$from", first);
            asking.Parameters.AddWithValue("$to", last);
            asking.Parameters.AddWithValue("$longest", 10 * (long)ScoreBlockBuilder.Longest.TotalMilliseconds); // clocks are set
            var curves = new List<CurveBuilder>();
            using var rows = asking.ExecuteReader();
            while (most > 0 && rows.Read())
            {
                var block = ScoreBlock.Decode(rows.GetFieldValue<byte[]>(1), rows.GetInt64(0));
                var (name, version, labels) = (rows.GetString(2), rows.GetString(3), rows.GetString(4));
                if (curves.Count == 0 || !curves[^1].IsOf(name, version, labels))
                {
                    curves.Add(new(name, version, labels, label));
                }

                most -= curves[^1].Add(block, first, last, most);
            }

            return (IReadOnlyList<ScoreCurve>)[.. curves.Select(curve => curve.Build()).Where(curve => curve.Times.Count > 0)];
        });

    public void Dispose() => _file.Dispose();

    private T Asked<T>(Func<SqliteCommand, T> ask)
    {
        using var asking = _file.CreateCommand();
        try
        {
            return ask(asking);
        }
        catch (Exception failed) when (failed is SqliteException or InvalidDataException)
        {
            throw new HistoryException($"{_path}: {HistoryFile.Reason(failed)}", failed);
        }
    }

    private static List<HistoryEvent> Read(SqliteCommand asking)
    {
        List<HistoryEvent> found = [];
        using var rows = asking.ExecuteReader();
        while (rows.Read())
        {
            found.Add(new(
                rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetInt64(4) != 0, Seconds(rows.GetInt64(5)),
                rows.IsDBNull(6) ? null : Seconds(rows.GetInt64(6)), Text(7), Rounded(rows.GetDouble(8)), Number(9), Number(10),
                Seconds(rows.GetInt64(11)), rows.GetInt64(12), Number(13), JsonSerializer.Deserialize<string[]>(rows.GetString(14)) ?? [],
                rows.GetString(15), rows.GetString(16) is { Length: > 0 } version ? version : null, Text(17), Text(18), Text(19), Text(20),
                Text(21))
            {
                Cursor = new(rows.GetInt64(5), rows.GetInt64(0)),
            });
        }

        return found;

        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);

        double? Number(int column) => rows.IsDBNull(column) ? null : Rounded(rows.GetDouble(column));
    }

    private static double Seconds(long milliseconds) => milliseconds / 1000.0;

    private static double Rounded(double number) => Math.Round(number, 4);
}
