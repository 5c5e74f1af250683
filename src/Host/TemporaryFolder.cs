namespace ActionStream.Host;

/// <summary>A folder for as long as one piece of work takes. Cleaning it away never changes what the work found: it may be gone
/// already, since systems empty their temporary folders by age, and what cannot be removed is left to them.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <param name="purpose">Last part of its name.</param>
    public TemporaryFolder(string purpose)
    {
        try
        {
            FullName = Directory.CreateTempSubdirectory($"actionstream-{purpose}-").FullName;
        }
        catch (Exception hindered) when (hindered is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"no folder can be made in {Path.GetTempPath()}: {hindered.Message}. Make room there, or name another folder in TMPDIR");
        }
    }

    public string FullName { get; }

    public string At(string name) => Path.Combine(FullName, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(FullName, recursive: true);
        }
        catch (Exception hindered) when (hindered is IOException or UnauthorizedAccessException)
        {
        }
    }
}
