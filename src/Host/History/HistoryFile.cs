using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ActionStream.Host.History;

/// <summary>Opens the file, so that whoever reads or writes it finds sound tables of the version that he knows.</summary>
internal static class HistoryFile
{
    /// <summary>How many damaged ones are kept for whoever wants to save something of them.</summary>
    public const int MostSetAside = 3;

    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const string SetAsideMark = ".damaged-";

    /// <summary>True for what another try at the same file never mends.</summary>
    public static bool IsDamage(SqliteException failed) => failed.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>To be written by one, while others read.</summary>
    /// <exception cref="SqliteException">The file is damaged, or the disk does not let us.</exception>
    /// <exception cref="HistoryException">A newer version has written it.</exception>
    public static SqliteConnection OpenForWriting(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var wasCutOff = new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
        CreateForOneself(path);
        var file = Connect(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            Run(file, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
            Run(file, "PRAGMA journal_size_limit = 16777216; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;");
            if (wasCutOff)
            {
                Inspect(file);
            }

            HistorySchema.Migrate(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>To be read, also while the service writes it.</summary>
    /// <exception cref="HistoryException">There is none, or none of ours.</exception>
    public static SqliteConnection OpenForReading(string path)
    {
        if (!File.Exists(path))
        {
            throw new HistoryException($"{path}: no such file; expected a history that a service has begun (history.path)");
        }

        SqliteConnection? file = null;
        try
        {
            file = Connect(path, SqliteOpenMode.ReadOnly);
            var version = HistorySchema.VersionOf(file);
            HistorySchema.CheckVersion(version, HistorySchema.Version);
            return version == HistorySchema.Version
                ? file
                : throw new HistoryException(
                    version == 0 ? "it holds no history" : $"it is of version {version}; the service brings it up to date when it starts");
        }
        catch (Exception wrong) when (wrong is SqliteException or HistoryException)
        {
            file?.Dispose();
            throw new HistoryException($"{path}: {Reason(wrong)}", wrong);
        }
    }

    /// <summary>What is wrong, in words for people.</summary>
    public static string Reason(Exception wrong) => wrong switch
    {
        SqliteException damaged when IsDamage(damaged) => "it is no sound SQLite file",
        SqliteException { SqliteErrorCode: 13 } => "the disk is full",
        SqliteException { SqliteErrorCode: 14 } => "it cannot be opened; expected a file in a folder that may be written",
        SqliteException { SqliteErrorCode: 8 } => "it may not be written",
        SqliteException other => string.Create(CultureInfo.InvariantCulture, $"SQLite error {other.SqliteErrorCode}: {other.Message}"),
        _ => wrong.Message,
    };

    /// <summary>Renames what is damaged, and what belongs to it, so that a new one can begin.</summary>
    /// <returns>Its new name.</returns>
    public static string SetAside(string path, DateTimeOffset now)
    {
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}{SetAsideMark}{now.UtcDateTime:yyyyMMdd'T'HHmmssfff}");
        foreach (var part in (string[])["-wal", "-shm", ""])
        {
            if (File.Exists(path + part))
            {
                File.Move(path + part, aside + part, overwrite: true);
            }
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var former = Directory.GetFiles(folder, Path.GetFileName(path) + SetAsideMark + "*")
            .Where(name => !name.EndsWith("-wal", StringComparison.Ordinal) && !name.EndsWith("-shm", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToArray();
        foreach (var old in former.Take(Math.Max(0, former.Length - MostSetAside)))
        {
            Array.ForEach(["", "-wal", "-shm"], part => File.Delete(old + part));
        }

        return aside;
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var file = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ToString());
        file.Open();
        return file;
    }

    private static void Run(SqliteConnection file, string commands)
    {
        using var command = file.CreateCommand();
        command.CommandText = commands;
        command.ExecuteNonQuery();
    }

    // Who did what when is nobody else's to read; what SQLite puts beside a file has the file's mode.
    private static void CreateForOneself(string path)
    {
        var creating = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            creating.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            new FileStream(path, creating).Dispose();
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // It is there, or SQLite says why it cannot be.
        }
    }

    // A process that was killed leaves a sound file; a machine that lost its power may not.
    private static void Inspect(SqliteConnection file)
    {
        using var asking = file.CreateCommand();
        asking.CommandText = "PRAGMA quick_check(1)";
        if (asking.ExecuteScalar() as string is not "ok")
        {
            throw new SqliteException("quick_check found damage", Corrupt);
        }
    }
}
